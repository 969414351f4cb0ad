//! People and what they may sign as.

use sanwu_schema::kinds::PersonName;
use sanwu_schema::record::statement::Role;

use super::visitor::Lang;
use super::words::Words;

/// A line of a list of signers.
pub struct PersonRow {
    pub name: String,
    pub office: String,
    /// What they sign as, in words.
    pub roles: String,
}

impl PersonRow {
    /// Returns the row of a person, by the name and office written when the key was registered.
    pub fn new(lang: Lang, person: Option<&PersonName>, roles: &[Role]) -> Self {
        let (name, office) = name_and_office(lang, person);
        Self { name, office, roles: role_words(lang, roles) }
    }
}

/// Returns name and office of a person; without one, a note that no name is registered.
pub fn name_and_office(lang: Lang, person: Option<&PersonName>) -> (String, String) {
    match person {
        Some(person) => (person.name.clone(), person.office.clone()),
        None => (Words::of(lang).name_unknown.to_owned(), String::new()),
    }
}

/// Returns roles in words, in one line.
pub fn role_words(lang: Lang, roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| lang.pick(role.zh(), role.en())).collect();
    words.join(Words::of(lang).comma)
}
