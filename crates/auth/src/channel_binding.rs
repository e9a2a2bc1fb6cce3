//! What ties a sign-in to the TLS connection that it runs on, so that nobody can stand between (RFC 5056).

use std::fmt;
use std::str::FromStr;

/// A kind of channel binding, by its registered name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChannelBindingType {
    /// 32 bytes that only the two ends of a TLS 1.3 connection can compute (RFC 9266).
    TlsExporter,
    /// The hash of the server's certificate (RFC 5929 §4).
    TlsServerEndPoint,
}

impl ChannelBindingType {
    /// Every kind, the stronger first.
    pub const ALL: [Self; 2] = [Self::TlsExporter, Self::TlsServerEndPoint];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::TlsExporter => "tls-exporter",
            Self::TlsServerEndPoint => "tls-server-end-point",
        }
    }
}

impl FromStr for ChannelBindingType {
    type Err = UnknownChannelBindingType;

    fn from_str(name: &str) -> Result<Self, UnknownChannelBindingType> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownChannelBindingType)
    }
}

/// The name is of no kind of channel binding that this crate has (`tls-unique` is one: it is unsafe before
/// TLS 1.3 and undefined with it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected tls-exporter or tls-server-end-point as the channel binding type")]
pub struct UnknownChannelBindingType;

/// What the service knows of the TLS connection of a client that signs in. The default is no TLS.
#[derive(Clone, Default)]
pub struct ChannelBindings {
    /// `tls-exporter`, on TLS 1.3.
    pub tls_exporter: Option<Vec<u8>>,
    /// `tls-server-end-point`, of the certificate that this connection was opened with.
    pub tls_server_end_point: Option<Vec<u8>>,
    /// Whether the client was offered a mechanism that ends in -PLUS. If it was, a client that says that it was
    /// not has been lied to on the way.
    pub plus_offered: bool,
}

impl ChannelBindings {
    /// The bindings of a TLS connection, with -PLUS offered if there is any.
    pub fn new(tls_exporter: Option<Vec<u8>>, tls_server_end_point: Option<Vec<u8>>) -> Self {
        let plus_offered = tls_exporter.is_some() || tls_server_end_point.is_some();
        Self { tls_exporter, tls_server_end_point, plus_offered }
    }

    /// The kinds that this connection has, the stronger first: what XEP-0440 advertises.
    pub fn types(&self) -> impl Iterator<Item = ChannelBindingType> + '_ {
        ChannelBindingType::ALL.into_iter().filter(|kind| self.data(*kind).is_some())
    }

    /// The binding of one kind, if this connection has it.
    pub fn data(&self, kind: ChannelBindingType) -> Option<&[u8]> {
        match kind {
            ChannelBindingType::TlsExporter => self.tls_exporter.as_deref(),
            ChannelBindingType::TlsServerEndPoint => self.tls_server_end_point.as_deref(),
        }
    }
}

impl fmt::Debug for ChannelBindings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<_> = self.types().collect();
        let mut debug = formatter.debug_struct("ChannelBindings");
        debug.field("types", &types).field("plus_offered", &self.plus_offered).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in ChannelBindingType::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!("tls-unique".parse::<ChannelBindingType>(), Err(UnknownChannelBindingType));
    }

    #[test]
    fn a_connection_advertises_the_kinds_that_it_has() {
        let bindings = ChannelBindings::new(None, Some(vec![1; 32]));
        assert!(bindings.plus_offered);
        assert!(bindings.types().eq([ChannelBindingType::TlsServerEndPoint]));
        assert!(!ChannelBindings::new(None, None).plus_offered);
    }

    #[test]
    fn debug_output_holds_no_binding() {
        let bindings = ChannelBindings::new(Some(vec![77; 32]), None);
        assert!(!format!("{bindings:?}").contains("77"));
    }
}
