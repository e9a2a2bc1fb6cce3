//! What a stream offers (RFC 6120 §4.3), and STARTTLS (§5).

use crate::element::Element;
use crate::namespace;

/// The answer to [`is_starttls`] when the handshake follows at once (RFC 6120 §5.4.2.3).
pub const STARTTLS_PROCEED: &[u8] = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// The answer to [`is_starttls`] when there is no TLS; the stream is closed after it (RFC 6120 §5.4.2.2).
pub const STARTTLS_FAILURE: &[u8] = b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// Whether a client asks for TLS (RFC 6120 §5.4.2.1). Bytes that came behind it must be thrown away.
pub fn is_starttls(element: &Element) -> bool {
    element.is("starttls", namespace::TLS)
}

/// The features of a stream, in the order they are added. Nothing offered means that negotiation is complete
/// (RFC 6120 §4.3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features(Vec<Element>);

impl Features {
    /// No features yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers TLS; `required` where nothing else may happen before it (RFC 6120 §5.4.1).
    #[must_use]
    pub fn starttls(self, required: bool) -> Self {
        let required = required.then(|| Element::new("required", namespace::TLS));
        self.with(Element::new("starttls", namespace::TLS).with_children(required))
    }

    /// Offers SASL mechanisms, best first (RFC 6120 §6.4.1).
    #[must_use]
    pub fn mechanisms<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let mechanisms =
            names.into_iter().map(|name| Element::new("mechanism", namespace::SASL).with_text(name));
        self.with(Element::new("mechanisms", namespace::SASL).with_children(mechanisms))
    }

    /// Announces the channel-binding types that `-PLUS` mechanisms can use (XEP-0440 §2), such as
    /// `tls-exporter`; nothing if there is none.
    #[must_use]
    pub fn channel_bindings<'a>(self, types: impl IntoIterator<Item = &'a str>) -> Self {
        let binding = |name| {
            Element::new("channel-binding", namespace::SASL_CHANNEL_BINDING).with_attribute("type", name)
        };
        let announcement = Element::new("sasl-channel-binding", namespace::SASL_CHANNEL_BINDING)
            .with_children(types.into_iter().map(binding));
        if announcement.nodes().is_empty() { self } else { self.with(announcement) }
    }

    /// Offers resource binding (RFC 6120 §7.4).
    #[must_use]
    pub fn bind(self) -> Self {
        self.with(Element::new("bind", namespace::BIND))
    }

    /// Offers sessions, as old clients want, and says that they may be skipped (RFC 3921 §3).
    #[must_use]
    pub fn optional_session(self) -> Self {
        let optional = Element::new("optional", namespace::SESSION);
        self.with(Element::new("session", namespace::SESSION).with_child(optional))
    }

    /// Offers stream management (XEP-0198 §2).
    #[must_use]
    pub fn stream_management(self) -> Self {
        self.with(Element::new("sm", namespace::STREAM_MANAGEMENT))
    }

    /// Offers roster versioning (RFC 6121 §2.6.1).
    #[must_use]
    pub fn roster_versioning(self) -> Self {
        self.with(Element::new("ver", namespace::ROSTER_VERSIONING))
    }

    /// Offers subscription pre-approval (RFC 6121 §3.4.1).
    #[must_use]
    pub fn subscription_preapproval(self) -> Self {
        self.with(Element::new("sub", namespace::SUBSCRIPTION_PREAPPROVAL))
    }

    /// Offers anything else, such as the service's entity capabilities (XEP-0115 §6.3).
    #[must_use]
    pub fn with(mut self, feature: Element) -> Self {
        self.0.push(feature);
        self
    }

    /// Appends `<stream:features/>`, relying on the prefix that our stream header declares.
    pub fn write(&self, out: &mut Vec<u8>) {
        if self.0.is_empty() {
            out.extend_from_slice(b"<stream:features/>");
            return;
        }
        out.extend_from_slice(b"<stream:features>");
        for feature in &self.0 {
            feature.write(out, namespace::CLIENT);
        }
        out.extend_from_slice(b"</stream:features>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(features: &Features) -> String {
        let mut out = Vec::new();
        features.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn before_tls_only_tls_is_offered() {
        assert_eq!(
            written(&Features::new().starttls(true)),
            "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
        );
    }

    #[test]
    fn before_sign_in_mechanisms_and_channel_bindings_are_offered() {
        let features =
            Features::new().mechanisms(["SCRAM-SHA-256", "PLAIN"]).channel_bindings(["tls-exporter"]);
        assert_eq!(
            written(&features),
            "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism>\
             <mechanism>PLAIN</mechanism></mechanisms><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>\
             <channel-binding type='tls-exporter'/></sasl-channel-binding></stream:features>"
        );
        assert_eq!(Features::new().channel_bindings([]), Features::new());
    }

    #[test]
    fn after_sign_in_binding_and_the_rest_are_offered() {
        let features = Features::new()
            .bind()
            .optional_session()
            .stream_management()
            .roster_versioning()
            .subscription_preapproval();
        assert_eq!(
            written(&features),
            "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
             <session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session><sm xmlns='urn:xmpp:sm:3'/>\
             <ver xmlns='urn:xmpp:features:rosterver'/><sub xmlns='urn:xmpp:features:pre-approval'/></stream:features>"
        );
        assert_eq!(written(&Features::new()), "<stream:features/>");
    }
}
