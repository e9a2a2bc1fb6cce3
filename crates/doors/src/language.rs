use axum::http::{HeaderMap, header};

/// The languages in which the service itself speaks to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// The one that a browser wants most, of those that there are (RFC 9110 §12.5.4).
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let wanted = values.flat_map(|value| value.split(',')).filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
            let primary = tag.trim().split('-').next()?.to_ascii_lowercase();
            let language = match primary.as_str() {
                "en" => Self::English,
                "es" => Self::Spanish,
                _ => return None,
            };
            (weight > 0.0).then_some((weight, language))
        });
        // Of those that are wanted alike, the first.
        let best = wanted.fold(None, |best: Option<(f32, Self)>, one| match best {
            Some(best) if best.0 >= one.0 => Some(best),
            _ => Some(one),
        });
        best.map(|(_, language)| language).unwrap_or_default()
    }

    /// Its tag (RFC 5646).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> &'static str {
        Language::of(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value.parse().unwrap())])).tag()
    }

    #[test]
    fn the_most_wanted_language_is_chosen_of_those_there_are() {
        assert_eq!(of("es-MX,es;q=0.9,en;q=0.8"), "es");
        assert_eq!(of("en;q=0.8, ES;q=0.9"), "es");
        assert_eq!(of("en, es"), "en");
        assert_eq!(of("de-DE, fr;q=0.9"), "en");
        assert_eq!(of("es;q=0"), "en");
        assert_eq!(Language::of(&HeaderMap::new()), Language::English);
    }
}
