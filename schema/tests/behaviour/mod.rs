mod admission;
mod derive;
mod draft;
mod format_text;
mod tampering;
