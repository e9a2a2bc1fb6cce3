use domain::{Alert, Computer, ConfirmationCode, Severity};
use hub::Confirmed;

use crate::{language::Language, web::pages::Text};

/// What the page says, in one language.
pub(super) struct Words {
    language: Language,
    title: &'static str,
    enter: &'static str,
    wrong: &'static str,
    go: &'static str,
    from: &'static str,
    at: &'static str,
    drill: &'static str,
    choose: &'static str,
    confirmed: &'static str,
    earlier: &'static str,
    too_often: &'static str,
    unavailable: &'static str,
    /// From the least severity to the greatest.
    severities: [&'static str; 5],
}

static ENGLISH: Words = Words {
    language: Language::English,
    title: "Confirm an alert",
    enter: "Enter the code that stands in the message:",
    wrong: "There is no such code, or its alert is over.",
    go: "Continue",
    from: "From",
    at: "Shown at",
    drill: "This is a drill",
    choose: "Confirm with one of these:",
    confirmed: "Thank you. The alert is confirmed with:",
    earlier: "This alert was confirmed before, with:",
    too_often: "Too many wrong codes. Please wait a minute.",
    unavailable: "This cannot be done now. Please try again in a minute.",
    severities: ["Information", "Minor", "Moderate", "Severe", "Extreme"],
};

static SPANISH: Words = Words {
    language: Language::Spanish,
    title: "Confirmar un aviso",
    enter: "Introduzca el código que aparece en el mensaje:",
    wrong: "Ese código no existe, o su aviso ya ha terminado.",
    go: "Continuar",
    from: "De",
    at: "Mostrado en",
    drill: "Esto es un simulacro",
    choose: "Confirme con una de estas respuestas:",
    confirmed: "Gracias. El aviso queda confirmado con:",
    earlier: "Este aviso ya se había confirmado con:",
    too_often: "Demasiados códigos erróneos. Espere un minuto.",
    unavailable: "Ahora no es posible. Inténtelo de nuevo en un minuto.",
    severities: ["Información", "Leve", "Moderado", "Grave", "Extremo"],
};

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

/// Asks for the code, after a wrong one too.
pub(super) fn enter(words: &Words, after_a_wrong_one: bool) -> String {
    let wrong =
        if after_a_wrong_one { format!("<p><b>{}</b></p>\n", Text(words.wrong)) } else { String::new() };
    let body = format!(
        "{wrong}<form action=\"/c\" method=\"get\">\n<p><label for=\"code\">{}</label></p>\n\
         <p><input type=\"text\" id=\"code\" name=\"code\" size=\"12\" maxlength=\"20\">\n\
         <input type=\"submit\" value=\"{}\"></p>\n</form>\n",
        Text(words.enter),
        Text(words.go)
    );
    page(words, &body)
}

/// An alert and what it can be confirmed with.
pub(super) fn alert(words: &Words, alert: &Alert, computer: &Computer, code: ConfirmationCode) -> String {
    let draft = &alert.draft;
    let said = draft.words_in(words.language.tag());
    let severity = match draft.severity {
        Severity::Information => words.severities[0],
        Severity::Minor => words.severities[1],
        Severity::Moderate => words.severities[2],
        Severity::Severe => words.severities[3],
        Severity::Extreme => words.severities[4],
    };
    let drill = if draft.drill { format!("<p><b>{}</b></p>\n", Text(words.drill)) } else { String::new() };
    let mut body = format!("{drill}<p>{}</p>\n<h2>{}</h2>\n", Text(severity), Text(said.headline));
    for line in said.text.lines().filter(|line| !line.trim().is_empty()) {
        body.push_str(&format!("<p>{}</p>\n", Text(line)));
    }
    body.push_str(&format!(
        "<p>{}: {}<br>{}: {}</p>\n<form action=\"/c/{code}\" method=\"post\">\n<p>{}</p>\n<p>",
        Text(words.from),
        Text(&draft.issuer),
        Text(words.at),
        Text(&computer.name),
        Text(words.choose)
    ));
    for choice in said.choices {
        body.push_str(&format!("<input type=\"submit\" name=\"choice\" value=\"{}\">\n", Text(choice)));
    }
    body.push_str("</p>\n</form>\n");
    page(words, &body)
}

pub(super) fn confirmed(words: &Words, confirmed: &Confirmed) -> String {
    let said = if confirmed.first { words.confirmed } else { words.earlier };
    let headline = confirmed.alert.draft.words_in(words.language.tag()).headline;
    let body =
        format!("<h2>{}</h2>\n<p>{} <b>{}</b></p>\n", Text(headline), Text(said), Text(&confirmed.choice));
    page(words, &body)
}

pub(super) fn too_often(words: &Words) -> String {
    page(words, &format!("<p><b>{}</b></p>\n", Text(words.too_often)))
}

pub(super) fn unavailable(words: &Words) -> String {
    page(words, &format!("<p><b>{}</b></p>\n", Text(words.unavailable)))
}

/// A page that browsers of twenty years ago show (HTML 4.01; they pass over `role`). `body` is HTML.
fn page(words: &Words, body: &str) -> String {
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n\
         <html lang=\"{}\">\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n</head>\n<body>\n\
         <div role=\"main\">\n<h1>{}</h1>\n{body}</div>\n</body>\n</html>\n",
        words.language.tag(),
        Text(words.title),
        Text(words.title)
    )
}
