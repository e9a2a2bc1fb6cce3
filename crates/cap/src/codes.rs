//! The values that the schema lists, each with its meaning (CAP 1.2 §3.2).

use crate::CapError;

macro_rules! codes {
    ($(#[$about:meta])* $name:ident in $element:literal: $expected:literal
     { $($(#[$meaning:meta])* $code:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$meaning])* $code,)* }

        impl $name {
            /// All of them, in the order of the standard.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// How it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word,)* }
            }
        }

        impl Code for $name {
            const ELEMENT: &'static str = $element;

            fn read(text: &str) -> Result<Self, CapError> {
                let found = Self::ALL.iter().find(|code| code.as_str() == text);
                found.copied().ok_or_else(|| CapError::value($element, $expected, text))
            }
        }
    };
}

/// One of a list of words, as the content of an element.
pub(crate) trait Code: Copy + 'static {
    /// The element that has it.
    const ELEMENT: &'static str;

    /// Which of them it is. The schema preserves white space and case here.
    fn read(text: &str) -> Result<Self, CapError>;
}

codes! {
    /// How an alert is to be handled.
    Status in "status": "Actual, Exercise, System, Test or Draft" {
        /// All recipients are to act on it.
        Actual = "Actual",
        /// Only those who take part in the exercise that `note` names are to act on it.
        Exercise = "Exercise",
        /// It concerns the network of alerts itself.
        System = "System",
        /// A technical test, which all recipients disregard.
        Test = "Test",
        /// Not to be acted on in this form.
        Draft = "Draft",
    }
}

codes! {
    /// What an alert is to those before it.
    MessageType in "msgType": "Alert, Update, Cancel, Ack or Error" {
        /// The first that is told.
        Alert = "Alert",
        /// Takes the place of those that it refers to.
        Update = "Update",
        /// Calls off those that it refers to.
        Cancel = "Cancel",
        /// Says that those it refers to were received and taken.
        Ack = "Ack",
        /// Says that those it refers to were refused; `note` says why.
        Error = "Error",
    }
}

codes! {
    /// Whom an alert is meant to reach.
    Scope in "scope": "Public, Restricted or Private" {
        /// Everyone.
        Public = "Public",
        /// Those whom `restriction` describes.
        Restricted = "Restricted",
        /// Those whom `addresses` names.
        Private = "Private",
    }
}

codes! {
    /// What kind of event it is.
    Category in "category": "one of the twelve categories, such as Met or Fire" {
        /// Earth: earthquakes, landslides.
        Geo = "Geo",
        /// Weather, floods included.
        Met = "Met",
        /// General emergency and public safety.
        Safety = "Safety",
        /// Police, military, other security.
        Security = "Security",
        /// Rescue and recovery.
        Rescue = "Rescue",
        /// Fire and its fighting.
        Fire = "Fire",
        /// Medicine and public health.
        Health = "Health",
        /// Pollution and other matters of the environment.
        Env = "Env",
        /// Traffic of every kind.
        Transport = "Transport",
        /// Supply, telecommunication, other infrastructure.
        Infra = "Infra",
        /// Chemical, biological, radiological, nuclear or explosive threat.
        Cbrne = "CBRNE",
        /// Anything else.
        Other = "Other",
    }
}

codes! {
    /// What kind of action is recommended.
    ResponseType in "responseType": "one of the nine actions, such as Shelter or AllClear" {
        /// Take shelter, or as the instruction says.
        Shelter = "Shelter",
        /// Move away.
        Evacuate = "Evacuate",
        /// Make preparations.
        Prepare = "Prepare",
        /// Carry out what was planned before.
        Execute = "Execute",
        /// Stay away from the event.
        Avoid = "Avoid",
        /// Look for further information.
        Monitor = "Monitor",
        /// Evaluate what is said; not for public alerts.
        Assess = "Assess",
        /// The danger is over.
        AllClear = "AllClear",
        /// Nothing.
        None = "None",
    }
}

codes! {
    /// How soon to act.
    Urgency in "urgency": "Immediate, Expected, Future, Past or Unknown" {
        /// Now.
        Immediate = "Immediate",
        /// Soon: within the hour.
        Expected = "Expected",
        /// In the near future.
        Future = "Future",
        /// No more: it is over.
        Past = "Past",
        /// Nobody knows.
        Unknown = "Unknown",
    }
}

codes! {
    /// How bad it is.
    Severity in "severity": "Extreme, Severe, Moderate, Minor or Unknown" {
        /// An extraordinary threat to life or property.
        Extreme = "Extreme",
        /// A significant threat.
        Severe = "Severe",
        /// A possible threat.
        Moderate = "Moderate",
        /// Little or no known threat.
        Minor = "Minor",
        /// Nobody knows.
        Unknown = "Unknown",
    }
}

codes! {
    /// How sure it is.
    Certainty in "certainty": "Observed, Likely, Possible, Unlikely or Unknown" {
        /// It has happened or is happening.
        Observed = "Observed",
        /// More than half.
        Likely = "Likely",
        /// Half or less.
        Possible = "Possible",
        /// About nothing.
        Unlikely = "Unlikely",
        /// Nobody knows.
        Unknown = "Unknown",
    }
}
