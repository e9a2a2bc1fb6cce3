use domain::alerter::{ConditionKind, Details, News, Notice};

use super::{bytes, first_line, how_many, listed, percent, time};

const TIMES: [&str; 3] = ["1 minuto", "minutos", "horas"];

pub(super) fn headline(notice: &Notice) -> String {
    match (notice.news, notice.subject()) {
        (News::Begun, Some(subject)) => one(notice, subject),
        (News::GoesOn, Some(subject)) => format!("Continúa: {}", one(notice, subject)),
        (News::Begun, None) => several(notice),
        (News::GoesOn, None) => format!("Continúa: {}", several(notice)),
        (News::Normal, Some(subject)) => format!("Vuelve a la normalidad: {}", over(notice, subject)),
        (News::Normal, None) => format!("Vuelve a la normalidad: {}", several_over(notice)),
    }
}

fn one(notice: &Notice, subject: &str) -> String {
    let (count, within) = (notice.count, time(notice.within, TIMES));
    let address = if subject.is_empty() { "muchas direcciones" } else { subject };
    let account = if subject.is_empty() { "muchas cuentas" } else { subject };
    match notice.kind {
        ConditionKind::DiskFilling => match notice.details {
            Details::Space { free, whole } => format!(
                "El disco de {subject} se está llenando: quedan libres {} de {} ({} %)",
                bytes(free),
                bytes(whole),
                percent(free, whole)
            ),
            _ => format!("El disco de {subject} se está llenando{}", because(notice)),
        },
        ConditionKind::StoreUnavailable if subject.is_empty() => {
            "El servicio no puede guardar nada ahora".to_owned()
        }
        ConditionKind::StoreUnavailable => format!("{subject} no admite nada que guardar{}", because(notice)),
        ConditionKind::OnBattery => match notice.details {
            Details::Battery { low: true } => {
                format!("El SAI {subject} funciona con batería, y está casi agotada")
            }
            _ => format!("El SAI {subject} funciona con batería{}", because(notice)),
        },
        ConditionKind::ServiceFailed => format!("El servicio {subject} ha fallado{}", because(notice)),
        ConditionKind::FailedSignIns => {
            format!("{count} inicios de sesión fallidos desde {address} en {within}")
        }
        ConditionKind::GuessedPassword => {
            format!(
                "{count} inicios de sesión fallidos como {account} en {within}: quizá alguien prueba contraseñas"
            )
        }
        ConditionKind::LockedAccount => format!(
            "La contraseña de {account} se ha escrito mal demasiadas veces y no puede cambiarse durante 10 minutos"
        ),
        ConditionKind::RefusedSource => {
            format!(
                "{count} conexiones desde {address}, fuera de las redes permitidas, rechazadas en {within}"
            )
        }
        ConditionKind::SessionLimit => format!("{account}: tantas sesiones como puede tener una cuenta"),
        ConditionKind::ConnectionLimit if subject.is_empty() => {
            "Hay tantas conexiones como puede haber, y se rechazan otras".to_owned()
        }
        ConditionKind::ConnectionLimit => {
            format!("{subject} tiene tantas conexiones como puede tener una dirección")
        }
        ConditionKind::Other => match &notice.details {
            Details::Words(words) if subject.is_empty() => first_line(words),
            Details::Words(words) => format!("{subject}: {}", first_line(words)),
            _ if subject.is_empty() => "Algo no es normal".to_owned(),
            _ => format!("{subject} no está normal"),
        },
    }
}

fn several(notice: &Notice) -> String {
    let (number, count) = (how_many(notice), notice.count);
    let (listed, within) = (listed(notice, |more| format!(" y {more} más")), time(notice.within, TIMES));
    match notice.kind {
        ConditionKind::FailedSignIns => format!(
            "Inicios de sesión fallidos desde {number} direcciones: {listed}; {count} en total en {within}"
        ),
        ConditionKind::GuessedPassword => {
            format!(
                "Inicios de sesión fallidos como {number} cuentas: {listed}; {count} en total en {within}"
            )
        }
        ConditionKind::RefusedSource => {
            format!(
                "Conexiones rechazadas desde {number} direcciones fuera de las redes permitidas: {listed}"
            )
        }
        ConditionKind::OnBattery => format!("{number} SAI funcionan con batería: {listed}"),
        kind => format!("{number} {}: {listed}", things(kind)),
    }
}

fn over(notice: &Notice, subject: &str) -> String {
    let count = notice.count;
    match notice.kind {
        ConditionKind::DiskFilling => format!("el disco de {subject} tiene sitio suficiente"),
        ConditionKind::StoreUnavailable => format!("{} vuelve a guardar", or(subject, "el servicio")),
        ConditionKind::OnBattery => format!("el SAI {subject} tiene corriente de la red"),
        ConditionKind::ServiceFailed => format!("el servicio {subject}"),
        ConditionKind::FailedSignIns if count > 0 => format!(
            "no hay más inicios de sesión fallidos desde {} ({count} en total)",
            or(subject, "muchas direcciones")
        ),
        ConditionKind::FailedSignIns => {
            format!("no hay más inicios de sesión fallidos desde {}", or(subject, "muchas direcciones"))
        }
        ConditionKind::GuessedPassword => {
            format!("no hay más inicios de sesión fallidos como {}", or(subject, "muchas cuentas"))
        }
        ConditionKind::LockedAccount => format!("la contraseña de {}", or(subject, "muchas cuentas")),
        ConditionKind::RefusedSource => {
            format!("no hay más conexiones que rechazar desde {}", or(subject, "muchas direcciones"))
        }
        ConditionKind::SessionLimit => format!("las sesiones de {}", or(subject, "muchas cuentas")),
        ConditionKind::ConnectionLimit => {
            format!("el número de conexiones de {}", or(subject, "todas las direcciones"))
        }
        ConditionKind::Other => or(subject, "lo que se había avisado").to_owned(),
    }
}

fn several_over(notice: &Notice) -> String {
    let listed = listed(notice, |more| format!(" y {more} más"));
    format!("{} {}: {listed}", how_many(notice), things(notice.kind))
}

fn things(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::DiskFilling => "discos que se estaban llenando",
        ConditionKind::StoreUnavailable => "almacenes",
        ConditionKind::OnBattery => "SAI",
        ConditionKind::ServiceFailed => "servicios que han fallado",
        ConditionKind::FailedSignIns => "direcciones con inicios de sesión fallidos",
        ConditionKind::GuessedPassword => "cuentas con inicios de sesión fallidos",
        ConditionKind::LockedAccount => "cuentas cuya contraseña se ha escrito mal demasiadas veces",
        ConditionKind::RefusedSource => "direcciones fuera de las redes permitidas",
        ConditionKind::SessionLimit => "cuentas con tantas sesiones como pueden tener",
        ConditionKind::ConnectionLimit => "direcciones con tantas conexiones como pueden tener",
        ConditionKind::Other => "avisos",
    }
}

/// The words of whoever raised it.
fn because(notice: &Notice) -> String {
    match &notice.details {
        Details::Words(words) => format!(": {}", first_line(words)),
        _ => String::new(),
    }
}

fn or<'a>(subject: &'a str, otherwise: &'a str) -> &'a str {
    if subject.is_empty() { otherwise } else { subject }
}
