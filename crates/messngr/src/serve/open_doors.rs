use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::bail;
use domain::AllowedNetworks;
use doors::{
    api::{EventLimits, Service},
    network::{Gate, Listener},
    tls::Tls,
    web::{Patience, Secrecy, WebDoor, WebSettings},
    windows::{
        CodePage, CodePages, Framing, Limits, NameSettings, Names, NetworkCodePage, NodeType, PopupError,
        PopupSpool, WindowsDoor, WindowsGateway, WindowsSettings,
    },
    xmpp::{Encryption, XmppDoor, XmppSettings},
};
use jiff::SignedDuration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{browser_client::BROWSER_CLIENT, listeners::Purpose, segments::SegmentPorts};
use crate::configuration::{Configuration, sections::Contact, windows::WindowsDoor as WindowsDoorSection};

/// The doors that are open, each knowing the hub.
#[derive(Debug)]
pub(crate) struct OpenDoors {
    xmpp: Arc<XmppDoor>,
    windows: Arc<WindowsDoor>,
    gateway: Option<Arc<WindowsGateway>>,
    web: Arc<WebDoor>,
}

impl OpenDoors {
    /// Makes the doors as they are configured. Messages go out to Windows machines where that door is enabled,
    /// whether or not it can listen. `direct_tls` is where XMPP clients that begin with TLS are answered, `host_name`
    /// what the host is called.
    ///
    /// # Errors
    /// The code page is not known.
    pub(crate) fn new(
        configuration: &Configuration,
        service: &Arc<Service>,
        tls: &Arc<Tls>,
        gate: &Arc<Gate>,
        direct_tls: Vec<SocketAddr>,
        host_name: &str,
    ) -> anyhow::Result<Self> {
        let hub = service.hub();
        let code_pages = code_pages(&configuration.doors.windows)?;
        let gateway = configuration
            .doors
            .windows
            .enabled
            .then(|| WindowsGateway::new(gate.clone(), code_pages.clone(), Arc::downgrade(hub)));
        if let Some(gateway) = &gateway {
            hub.set_computer_gateway(gateway.clone());
        }
        let windows = WindowsSettings {
            workgroup: configuration.doors.windows.workgroup.to_uppercase(),
            node_type: node_type(&configuration.doors.windows)?,
            code_pages,
            limits: Limits::default(),
            messages_per_minute_max: configuration.limits.messages_per_minute_max,
            messages_of_all_per_minute_max: configuration.limits.messages_of_all_per_minute_max,
        };
        service.set_event_limits(EventLimits {
            message_bytes_max: configuration.limits.stanza_bytes_max,
            messages_per_second_max: configuration.limits.stanzas_per_second_max,
        });
        Ok(Self {
            xmpp: XmppDoor::new(hub.clone(), tls.clone(), gate.clone(), xmpp_settings(configuration)),
            windows: WindowsDoor::new(hub.clone(), gate.clone(), windows),
            gateway,
            web: WebDoor::new(
                tls.clone(),
                gate.clone(),
                web_settings(configuration, direct_tls, host_name),
                service.clone(),
            ),
        })
    }

    /// Has the names of the Windows door on its networks, and takes and sends messages for whole groups there, until
    /// `stop`.
    ///
    /// # Errors
    /// The runtime does not take a port, or a setting means nothing.
    pub(crate) fn serve_segments(
        &self,
        ports: SegmentPorts,
        configuration: &Configuration,
        service: &Arc<Service>,
        gate: &Arc<Gate>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let Some(gateway) = &self.gateway else { return Ok(()) };
        let SegmentPorts { names, datagrams, mapper, beside_sessions } = ports;
        let settings = name_settings(&configuration.doors.windows, beside_sessions)?;
        let names = (!names.is_empty())
            .then(|| Names::start(service.hub().clone(), gate, settings, names, tasks, stop))
            .transpose()?;
        let datagrams = (!datagrams.is_empty())
            .then(|| self.windows.clone().take_datagrams(datagrams, gate, tasks, stop))
            .transpose()?;
        if !mapper.is_empty() {
            self.windows.clone().take_calls(mapper, gate, tasks, stop)?;
        }
        gateway.set_network(names, datagrams);
        Ok(())
    }

    /// Takes what Samba hands over in this folder until `stop`.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub(crate) fn take_popups(
        &self,
        folder: &Path,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<(), PopupError> {
        tasks.spawn(self.windows.open_popup_spool(PopupSpool::new(folder), stop.clone())?);
        Ok(())
    }

    /// Lets clients in by this listener until `stop`, as tasks of `tasks`.
    pub(crate) fn serve(
        &self,
        purpose: Purpose,
        listener: Listener,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) {
        let (own_tasks, stop) = (tasks.clone(), stop.clone());
        let xmpp = self.xmpp.clone();
        match purpose {
            Purpose::XmppStartTls => {
                tasks.spawn(xmpp.serve(listener, Encryption::StartTls, own_tasks, stop));
            }
            Purpose::XmppTls => {
                tasks.spawn(xmpp.serve(listener, Encryption::Direct, own_tasks, stop));
            }
            Purpose::WindowsSession => {
                tasks.spawn(self.windows.clone().serve(listener, Framing::NetbiosSession, own_tasks, stop));
            }
            Purpose::WindowsDirect => {
                tasks.spawn(self.windows.clone().serve(listener, Framing::Direct, own_tasks, stop));
            }
            Purpose::WebTls => {
                tasks.spawn(self.web.clone().serve(listener, Secrecy::Tls, own_tasks, stop));
            }
            Purpose::WebPlain => {
                tasks.spawn(self.web.clone().serve(listener, Secrecy::ThisMachine, own_tasks, stop));
            }
            Purpose::WebCodes => {
                tasks.spawn(self.web.clone().serve(listener, Secrecy::Nobody, own_tasks, stop));
            }
        }
    }
}

fn code_pages(door: &WindowsDoorSection) -> anyhow::Result<CodePages> {
    let networks = door.code_pages.iter().map(|text| Ok(text.parse::<NetworkCodePage>()?));
    Ok(CodePages::new(networks.collect::<anyhow::Result<_>>()?, CodePage::new(door.code_page)?))
}

fn node_type(door: &WindowsDoorSection) -> anyhow::Result<NodeType> {
    Ok(match door.node_type.as_str() {
        "b" => NodeType::Broadcast,
        "p" => NodeType::PointToPoint,
        "m" => NodeType::Mixed,
        "h" => NodeType::Hybrid,
        other => bail!("doors.windows.node_type is b, p, m or h, not {other}"),
    })
}

fn name_settings(door: &WindowsDoorSection, serves_sessions: bool) -> anyhow::Result<NameSettings> {
    Ok(NameSettings {
        machine_name: door.netbios_name.to_uppercase(),
        workgroup: door.workgroup.to_uppercase(),
        is_server: serves_sessions,
        node_type: node_type(door)?,
        servers: door.wins.clone(),
        names_max: door.names_max,
        code_page: CodePage::new(door.code_page)?,
    })
}

fn xmpp_settings(configuration: &Configuration) -> XmppSettings {
    let (xmpp, limits) = (&configuration.doors.xmpp, &configuration.limits);
    XmppSettings {
        require_tls: xmpp.require_tls,
        allow_plain_without_tls: xmpp.allow_plain_without_tls,
        stanza_bytes_max: limits.stanza_bytes_max,
        stanza_bytes_before_sign_in_max: limits.stanza_bytes_before_sign_in_max,
        sign_in_deadline: Duration::from_secs(limits.sign_in_seconds_max),
        stanzas_per_second_max: limits.stanzas_per_second_max,
        token_lifetime: (xmpp.token_days > 0).then(|| SignedDuration::from_hours(24 * xmpp.token_days)),
        contact_addresses: contact_addresses(&configuration.contact),
        see_other_host: Some(xmpp.see_other_host.clone()).filter(|host| !host.is_empty()),
    }
}

fn web_settings(configuration: &Configuration, direct_tls: Vec<SocketAddr>, host_name: &str) -> WebSettings {
    let first_label = host_name.split('.').next().unwrap_or_default();
    let own = [host_name, first_label].into_iter().filter(|name| !name.is_empty()).map(str::to_owned);
    WebSettings {
        topics: configuration.publish.topics(),
        domain: configuration.domain.clone(),
        hosts: own.chain(configuration.doors.web.hosts.iter().cloned()).collect(),
        direct_tls,
        proxies: AllowedNetworks::new(configuration.network.proxies.clone()),
        metrics_allowed: AllowedNetworks::new(configuration.metrics.allowed.clone()),
        patience: Patience::default(),
        browser_client: BROWSER_CLIENT,
    }
}

/// In the words of XEP-0157.
fn contact_addresses(contact: &Contact) -> Vec<(String, Vec<String>)> {
    let purposes = [
        ("abuse", &contact.abuse),
        ("admin", &contact.admin),
        ("feedback", &contact.feedback),
        ("sales", &contact.sales),
        ("security", &contact.security),
        ("status", &contact.status),
        ("support", &contact.support),
    ];
    purposes.map(|(purpose, uris)| (purpose.to_owned(), uris.clone())).to_vec()
}
