use domain::{Absence, Address, Answer};

/// That a person is away, and whom that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceRecord {
    /// Who.
    pub owner: Address,
    /// How.
    pub absence: Absence,
    /// Who was told or is owed an answer, in order.
    pub told: Vec<String>,
    /// The answers that are still owed, each with whom it is for.
    pub owed: Vec<(String, Answer)>,
}
