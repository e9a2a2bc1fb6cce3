use std::{collections::HashMap, sync::Arc};

use auth::TokenSecret;
use domain::{Account, Address, Scope, Scopes, Token, TokenId, TokenName};
use jiff::Timestamp;
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use store::{Change, Store, StoreError};

use crate::{Hub, HubError};

/// How many tokens of programs there may be.
const TOKENS_MAX: usize = 10_000;

/// The tokens of programs, in memory: every request asks for one.
#[derive(Debug, Default)]
pub(crate) struct ApiTokens {
    known: RwLock<Known>,
}

/// Found by what is shown, and by what is remembered of a connection that has shown it.
#[derive(Debug, Default)]
struct Known {
    by_hash: HashMap<[u8; 32], Arc<Token>>,
    hashes: HashMap<TokenId, [u8; 32]>,
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDraft {
    /// What to call it.
    pub name: TokenName,
    /// As whom it is to speak: a name or an address.
    pub account: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it is to end by itself.
    pub expires_at: Option<Timestamp>,
}

impl ApiTokens {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let tokens = store.tokens().await?.into_iter().map(|(token, hash)| (hash, Arc::new(token)));
        let mut known = Known::default();
        tokens.for_each(|(hash, token)| known.insert(hash, token));
        Ok(Self { known: RwLock::new(known) })
    }

    /// Forgets those of an account that is gone.
    pub(crate) fn forget(&self, account: &Address) {
        self.known.write().retain(|token| token.account != *account);
    }
}

impl Known {
    fn insert(&mut self, hash: [u8; 32], token: Arc<Token>) {
        self.hashes.insert(token.id, hash);
        self.by_hash.insert(hash, token);
    }

    fn get(&self, id: TokenId) -> Option<&Arc<Token>> {
        self.by_hash.get(self.hashes.get(&id)?)
    }

    fn retain(&mut self, keep: impl Fn(&Token) -> bool) {
        let hashes = &mut self.hashes;
        self.by_hash.retain(|_, token| {
            let keep = keep(token);
            if !keep {
                hashes.remove(&token.id);
            }
            keep
        });
    }
}

impl Hub {
    /// Makes a token, and returns it with its secret, which nobody can be told again. `actor` is who asked, for the
    /// audit log.
    ///
    /// # Errors
    /// There is no such account, one of the same name, or too many; it is to administer as an account that may not,
    /// or to end in the past.
    pub async fn add_api_token(
        &self,
        actor: &str,
        draft: TokenDraft,
    ) -> Result<(Arc<Token>, TokenSecret), HubError> {
        self.add_api_token_by(actor, None, draft).await
    }

    /// The same, and remembers which account has made it.
    pub async fn add_api_token_by(
        &self,
        actor: &str,
        maker: Option<&Address>,
        draft: TokenDraft,
    ) -> Result<(Arc<Token>, TokenSecret), HubError> {
        let account = self.account_named(&draft.account)?;
        let now = self.environment.now();
        check(&draft, &account, now)?;
        if self.api_tokens.known.read().by_hash.len() >= TOKENS_MAX {
            return Err(HubError::TooManyTokens { limit: TOKENS_MAX });
        }
        let TokenDraft { name, scopes, expires_at, .. } = draft;
        let (account, id) = (account.address.clone(), TokenId::new(now, self.environment.random()));
        let token = Token { id, name, account, scopes, created_at: now, last_used_at: None, expires_at };
        let secret = TokenSecret::from_random(self.environment.random());
        let detail = format!("{} for {}: {}", token.name, token.account, token.scopes);
        let audit = self.audit(actor, "token.add", id.to_string(), detail);
        let hash = secret.hash();
        let mut changes = vec![Change::CreateToken { token: token.clone(), hash }, audit];
        changes.extend(
            maker.map(|maker| Change::SetSetting { key: maker_key(id), value: maker_mark(id, maker) }),
        );
        self.store.commit(changes).await?;
        let token = Arc::new(token);
        self.api_tokens.known.write().insert(hash, token.clone());
        Ok((token, secret))
    }

    /// Whether this account has made a token.
    pub async fn has_made_api_token(&self, account: &Address, id: TokenId) -> Result<bool, HubError> {
        Ok(self.store.setting(&maker_key(id)).await?.is_some_and(|known| known == maker_mark(id, account)))
    }

    /// Makes a token useless for ever.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn remove_api_token(&self, actor: &str, id: TokenId) -> Result<(), HubError> {
        let token = self.api_tokens.known.read().get(id).cloned();
        let name = token.map(|token| token.name.to_string()).unwrap_or_default();
        let audit = self.audit(actor, "token.remove", id.to_string(), name);
        self.store.commit(vec![Change::RemoveToken { token: id }, audit]).await?;
        self.api_tokens.known.write().retain(|token| token.id != id);
        Ok(())
    }

    /// All tokens of programs, in the order in which they were made.
    pub fn api_tokens(&self) -> Vec<Arc<Token>> {
        let mut tokens: Vec<Arc<Token>> = self.api_tokens.known.read().by_hash.values().cloned().collect();
        tokens.sort_unstable_by_key(|token| token.id);
        tokens
    }

    /// Whether a token is still good: it was not removed and has not ended.
    pub fn api_token_stands(&self, id: TokenId) -> bool {
        let now = self.environment.now();
        self.api_tokens.known.read().get(id).is_some_and(|token| !token.is_expired(now))
    }

    /// The token with this secret and the account it speaks as, if both are still good. That it was used is
    /// remembered, to the hour.
    pub fn accept_api_token(&self, secret: &TokenSecret) -> Option<(Arc<Token>, Arc<Account>)> {
        let hash = secret.hash();
        let token = self.api_tokens.known.read().by_hash.get(&hash).cloned()?;
        let now = self.environment.now();
        let account = self.people.account(&token.account).filter(|account| !account.disabled)?;
        if token.is_expired(now) {
            return None;
        }
        if let Some(at) = token.use_to_remember(now) {
            let used = Arc::new(Token { last_used_at: Some(at), ..(*token).clone() });
            // One that is removed meanwhile does not come back.
            if let Some(known) = self.api_tokens.known.write().by_hash.get_mut(&hash) {
                *known = used;
            }
            self.commit_later(vec![Change::TokenUsed { token: token.id, at }]);
        }
        Some((token, account))
    }
}

/// Under which key it is remembered who has made a token.
fn maker_key(id: TokenId) -> String {
    format!("token-maker {id}")
}

/// Who has made it, as it is remembered: whoever is erased does not stand there by name.
fn maker_mark(id: TokenId, maker: &Address) -> String {
    let digest = Sha256::digest(format!("{id} {maker}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check(draft: &TokenDraft, account: &Account, now: Timestamp) -> Result<(), HubError> {
    if draft.scopes.scopes().contains(&Scope::Administer) && !account.administrator {
        return Err(HubError::TokenAboveAccount { address: account.address.to_string() });
    }
    if draft.expires_at.is_some_and(|at| at <= now) {
        return Err(HubError::TokenOver);
    }
    Ok(())
}
