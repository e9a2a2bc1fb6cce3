//! Files that a message points to (XEP-0447, XEP-0446), and their bare address for clients that know no more
//! (XEP-0066).

use crate::element::Element;
use crate::namespace;

/// A file that somebody can fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedFile {
    /// Where it is.
    pub url: String,
    /// What it is called.
    pub name: Option<String>,
    /// How many bytes it has.
    pub size: Option<u64>,
    /// What it is.
    pub media_type: Option<String>,
    /// How wide and how high it is, where it is a picture.
    pub width: Option<u32>,
    /// See `width`.
    pub height: Option<u32>,
}

impl SharedFile {
    /// Reads what a message says of one.
    pub fn read(message: &Element) -> Option<Self> {
        let bare = || {
            let url = message.child("x", namespace::OUT_OF_BAND)?.child("url", namespace::OUT_OF_BAND)?;
            Some(Self { url: url.text().trim().to_owned(), ..Self::default() })
        };
        let Some(sharing) = message.child("file-sharing", namespace::FILE_SHARING) else { return bare() };
        let source = sharing
            .child("sources", namespace::FILE_SHARING)
            .and_then(|sources| sources.child("url-data", namespace::URL_DATA))
            .and_then(|data| data.attribute("target"));
        let Some(url) = source else { return bare() };
        let file = sharing.child("file", namespace::FILE_METADATA);
        let said = |name| {
            let element = file.and_then(|file| file.child(name, namespace::FILE_METADATA));
            element.map(|element| element.text().trim().to_owned())
        };
        let number = |name| said(name).and_then(|text| text.parse().ok());
        Some(Self {
            url: url.to_owned(),
            name: said("name"),
            size: said("size").and_then(|size| size.parse().ok()),
            media_type: said("media-type"),
            width: number("width"),
            height: number("height"),
        })
    }

    /// What says it, to every client in its way.
    pub fn to_elements(&self) -> [Element; 2] {
        let said = |name, text: Option<String>| {
            text.map(|text| Element::new(name, namespace::FILE_METADATA).with_text(text))
        };
        let file = Element::new("file", namespace::FILE_METADATA)
            .with_children(said("media-type", self.media_type.clone()))
            .with_children(said("name", self.name.clone()))
            .with_children(said("size", self.size.map(|size| size.to_string())))
            .with_children(said("width", self.width.map(|width| width.to_string())))
            .with_children(said("height", self.height.map(|height| height.to_string())));
        let data = Element::new("url-data", namespace::URL_DATA).with_attribute("target", self.url.as_str());
        let sources = Element::new("sources", namespace::FILE_SHARING).with_child(data);
        let sharing = Element::new("file-sharing", namespace::FILE_SHARING)
            .with_attribute("disposition", "inline")
            .with_child(file)
            .with_child(sources);
        let url = Element::new("url", namespace::OUT_OF_BAND).with_text(self.url.as_str());
        [sharing, Element::new("x", namespace::OUT_OF_BAND).with_child(url)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::testing::parse;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let file = SharedFile {
            url: "https://x.test/files/1/a.png".to_owned(),
            name: Some("a.png".to_owned()),
            size: Some(7),
            media_type: Some("image/png".to_owned()),
            width: Some(640),
            height: None,
        };
        let message = Element::new("message", namespace::CLIENT).with_children(file.to_elements());
        assert_eq!(SharedFile::read(&message), Some(file));
    }

    #[test]
    fn an_address_alone_is_a_file_too() {
        let message = parse(
            "<message xmlns='jabber:client'><x xmlns='jabber:x:oob'><url>https://x.test/f</url></x></message>",
        );
        let expected = SharedFile { url: "https://x.test/f".to_owned(), ..SharedFile::default() };
        assert_eq!(SharedFile::read(&message), Some(expected));
        assert_eq!(SharedFile::read(&parse("<message xmlns='jabber:client'/>")), None);
    }
}
