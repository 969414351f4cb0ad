mod admission;
mod derive;
mod draft;
mod format_text;
mod story;
mod tampering;
mod trust;
