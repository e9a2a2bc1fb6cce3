//! A message in several blocks while it is still arriving.

use crate::code_page::CodePage;

/// Sender, recipient and the text so far.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) from: String,
    pub(super) to: String,
    text: Vec<u8>,
    /// Where in the text each block ends; the character set is told by blocks.
    block_ends: Vec<usize>,
}

impl Draft {
    pub(super) fn new(from: String, to: String) -> Self {
        Self { from, to, text: Vec::new(), block_ends: Vec::new() }
    }

    /// Appends a block, unless the text would exceed `text_bytes_max`; whether it was appended.
    pub(super) fn push(&mut self, block: &[u8], text_bytes_max: usize) -> bool {
        if self.text.len() + block.len() > text_bytes_max {
            return false;
        }
        // An empty block says nothing, and any number of them fits into any limit.
        if !block.is_empty() {
            self.text.extend_from_slice(block);
            self.block_ends.push(self.text.len());
        }
        true
    }

    pub(super) fn text(&self, code_page: CodePage) -> String {
        let starts = std::iter::once(0).chain(self.block_ends.iter().copied());
        let blocks: Vec<&[u8]> =
            starts.zip(&self.block_ends).map(|(start, &end)| &self.text[start..end]).collect();
        code_page.decode_blocks(&blocks)
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.from.len() + self.to.len() + self.text.len()
    }
}
