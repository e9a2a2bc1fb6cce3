//! Node.
/// Node.
#[derive(Debug)]
pub struct Node;
