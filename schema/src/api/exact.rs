//! A canonical document inside another document.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error_code::ErrorCode;
use crate::json::{Canon, JsonError, parse, to_canonical};

/// A canonical document of type `T` as a member of another document.
///
/// It is written as its exact bytes, since digests and signatures are over them, and is read without being
/// understood: `T` is only parsed when it is asked for.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Exact<T> {
    text: Box<RawValue>,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T: Canon> Exact<T> {
    /// Embeds a document.
    pub fn new(document: &T) -> Result<Self, JsonError> {
        Self::from_bytes(&to_canonical(document))
    }

    /// Embeds a document by its bytes. Only that they are JSON is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsonError> {
        let text = serde_json::from_slice(bytes).map_err(|e| JsonError::new(ErrorCode::JsonSyntax, e))?;
        Ok(Self { text, of: PhantomData })
    }

    /// Returns the canonical bytes, whatever white space came with them.
    pub fn canonical(&self) -> Result<Vec<u8>, JsonError> {
        Ok(to_canonical(&parse(self.text.get().as_bytes())?))
    }

    /// Reads the document.
    pub fn read(&self) -> Result<T, JsonError> {
        T::read(&parse(self.text.get().as_bytes())?)
    }
}

impl<T> Clone for Exact<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), of: PhantomData }
    }
}

impl<T> PartialEq for Exact<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text.get() == other.text.get()
    }
}

impl<T> Eq for Exact<T> {}

impl<T> fmt::Debug for Exact<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.get())
    }
}
