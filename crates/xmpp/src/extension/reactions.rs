//! Reactions to messages (XEP-0444).

use crate::element::Element;
use crate::namespace;
use crate::stanza::Reactions;

/// Somebody's whole set of reactions to a message, and the wish that archives keep it (XEP-0444 §4.1).
pub fn reactions(set: &Reactions) -> [Element; 2] {
    let reaction = |text: &String| Element::new("reaction", namespace::REACTIONS).with_text(text.as_str());
    let reactions = Element::new("reactions", namespace::REACTIONS)
        .with_attribute("id", set.id.as_str())
        .with_children(set.reactions.iter().map(reaction));
    [reactions, Element::new("store", namespace::HINTS)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stanza::MessageContent;

    #[test]
    fn what_is_written_is_read_as_the_same_set() {
        let set = Reactions { id: "7".to_owned(), reactions: vec!["👍".to_owned(), "🐢".to_owned()] };
        let message = Element::new("message", namespace::CLIENT).with_children(reactions(&set));
        assert_eq!(MessageContent::read(&message).reactions, Some(set));
    }
}
