//! Start tags.

use super::cursor::{Cursor, Span};
use crate::namespace;
use crate::stream::Limits;

/// How many attributes a tag may have that mean nothing to us.
const OTHERS_MAX: usize = 6;

/// A start tag behind its name.
#[derive(Clone, Debug, Default)]
pub(super) struct StartTag {
    /// From behind the name to the `>` or `/>`.
    pub(super) attributes: Span,
    /// The value of `xmlns`.
    pub(super) xmlns: Option<Span>,
    pub(super) to: Option<Span>,
    pub(super) from: Option<Span>,
    pub(super) id: Option<Span>,
    pub(super) kind: Option<Span>,
    pub(super) lang: Option<Span>,
    /// Whether it ends in `/>`.
    pub(super) is_empty: bool,
}

impl StartTag {
    /// Reads what follows the name, up to and with the `>`.
    pub(super) fn read(cursor: &mut Cursor<'_>, limits: &Limits) -> Option<Self> {
        let mut tag = Self::default();
        let mut others = [Span::default(); OTHERS_MAX];
        let mut others_count = 0;
        let mut count = 0;
        let start = cursor.at;
        loop {
            let end = cursor.at;
            let has_space = cursor.peek()? == b' ';
            while cursor.peek()? == b' ' {
                cursor.at += 1;
            }
            match cursor.peek()? {
                b'>' => cursor.at += 1,
                b'/' => {
                    cursor.expect(b"/>")?;
                    tag.is_empty = true;
                }
                _ if has_space => {
                    count += 1;
                    if count > limits.attributes_max {
                        return None;
                    }
                    let name = cursor.name()?;
                    let slot = match cursor.get(name) {
                        b"xmlns" => &mut tag.xmlns,
                        b"to" => &mut tag.to,
                        b"from" => &mut tag.from,
                        b"id" => &mut tag.id,
                        b"type" => &mut tag.kind,
                        b"xml" => {
                            cursor.expect(b":lang")?;
                            &mut tag.lang
                        }
                        other => {
                            let earlier = &others[..others_count];
                            if earlier.iter().any(|earlier| cursor.get(*earlier) == other) {
                                return None;
                            }
                            *others.get_mut(others_count)? = name;
                            others_count += 1;
                            cursor.value()?;
                            continue;
                        }
                    };
                    if slot.replace(cursor.value()?).is_some() {
                        return None;
                    }
                    continue;
                }
                _ => return None,
            }
            tag.attributes = Span::new(start, end);
            return tag.declares_well(cursor).then_some(tag);
        }
    }

    /// Whether the default namespace may be declared so (Namespaces in XML §3). Taking it back is unusual.
    fn declares_well(&self, cursor: &Cursor<'_>) -> bool {
        self.xmlns.is_none_or(|xmlns| {
            let name = cursor.get(xmlns);
            !name.is_empty() && name != namespace::XML.as_bytes()
        })
    }
}
