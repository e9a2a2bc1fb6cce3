// SCRAM-SHA-256 (RFC 5802, RFC 7677) by the browser's own cryptography: the password never leaves this page.

/**
 * Proves a password in two exchanges, and checks that the service knows it too.
 * @param {string} name
 * @param {string} password
 * @param {(message: string) => Promise<{message: string}>} first says the first message, gives the answer
 * @param {(message: string) => Promise<{message: string}>} final says the final message, gives the answer
 */
export async function prove(name, password, first, final) {
  const nonce = base64(crypto.getRandomValues(new Uint8Array(18)));
  const bare = `n=${name.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  const challenge = (await first(`n,,${bare}`)).message;
  const { r, s, i } = fields(challenge);
  if (!r?.startsWith(nonce) || r === nonce) throw new Error("the service answered another sign-in");
  const salted = await stretch(password, bytes(s), Number(i));
  const withoutProof = `c=biws,r=${r}`;
  const spoken = `${bare},${challenge},${withoutProof}`;
  const key = await hmac(salted, "Client Key");
  const signature = await hmac(await digest(key), spoken);
  const proof = base64(key.map((byte, at) => byte ^ signature[at]));
  const answer = await final(`${withoutProof},p=${proof}`);
  const expected = base64(await hmac(await hmac(salted, "Server Key"), spoken));
  if (fields(answer.message).v !== expected) throw new Error("the service does not know the password");
  return answer;
}

/** @param {string} message @returns {Record<string, string>} */
function fields(message) {
  return Object.fromEntries(message.split(",").map((part) => [part[0], part.slice(2)]));
}

/**
 * Hi() of RFC 5802. SASLprep (RFC 4013) maps no-break and other spaces to a space and composes by NFKC; what it forbids
 * the service refuses when the password is chosen.
 * @param {string} password @param {Uint8Array<ArrayBuffer>} salt @param {number} iterations
 */
async function stretch(password, salt, iterations) {
  if (!(iterations >= 4096 && iterations <= 10_000_000)) throw new Error("the service asks for too little or too much work");
  const prepared = password.replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, " ").replace(/\u00ad/g, "").normalize("NFKC");
  const material = await crypto.subtle.importKey("raw", utf8(prepared), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, material, 256));
}

/** @param {Uint8Array<ArrayBuffer>} key @param {string} text */
async function hmac(key, text) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8(text)));
}

/** @param {Uint8Array<ArrayBuffer>} data */
const digest = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);

/** @param {Uint8Array} data */
const base64 = (data) => btoa(String.fromCharCode(...data));

/** @param {string} text */
const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
