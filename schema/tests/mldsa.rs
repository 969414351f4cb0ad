//! Our wrapper of ML-DSA-44 against the accumulated vector of C2SP/CCTV (ML-DSA/accumulated at 1e3d2860d46e): keys and
//! deterministic signatures of 100 seeds, all of them hashed into one digest.
#![cfg(feature = "mldsa")]
#![allow(clippy::unwrap_used, missing_docs)]

use sanwu_schema::crypto::hash::hex_encode;
use sanwu_schema::crypto::suite::mldsa::{MlDsaPublicKey, MlDsaSecretKey, PUBLIC_BYTES, SIGNATURE_BYTES};
use shake::Shake128;
use shake::digest::{ExtendableOutput, Update, XofReader};

const ITERATIONS: usize = 100;
const ACCUMULATED: &str = "d51148e1f9f4fa1a723a6cf42e25f2a99eb5c1b378b3d2dbbd561b1203beeae4";

#[test]
fn keys_and_signatures_are_those_of_the_accumulated_vector() {
    let mut seeds = Shake128::default().finalize_xof();
    let mut all = Shake128::default();
    for _ in 0..ITERATIONS {
        let mut seed = [0; 32];
        seeds.read(&mut seed);
        let secret = MlDsaSecretKey::from_seed(seed);
        assert_eq!(secret.seed(), seed);
        let key = secret.public().to_bytes();
        let signature = secret.sign(b"").unwrap();
        assert_eq!((key.len(), signature.len()), (PUBLIC_BYTES, SIGNATURE_BYTES));
        let public = MlDsaPublicKey::from_bytes(&key).unwrap();
        assert!(public.verifies(b"", &signature) && !public.verifies(b"1", &signature));
        all.update(&key);
        all.update(&signature);
    }
    let mut digest = [0; 32];
    all.finalize_xof().read(&mut digest);
    assert_eq!(hex_encode(&digest), ACCUMULATED);
}

#[test]
fn a_secret_key_is_not_printed() {
    assert_eq!(format!("{:?}", MlDsaSecretKey::from_seed([7; 32])), "MlDsaSecretKey");
}
