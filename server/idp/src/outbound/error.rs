//! Reasons why something could not be fetched, in words that an administrator understands.

use std::net::IpAddr;

/// Reason why there is nothing of the answer to a request of ours.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FetchError {
    #[error("this is no URL that can be fetched: {0}")]
    Url(&'static str),
    #[error("the address {address} of {host} is not public; ALLOWED_FETCH_HOSTS may name {host}")]
    NotPublic { host: String, address: IpAddr },
    #[error("http is for programs on this computer only; {0} must be asked by https")]
    NotEncrypted(String),
    #[error("no address is known for {0}")]
    Unresolved(String),
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("{host} cannot be trusted (TLS): {reason}")]
    Tls { host: String, reason: String },
    #[error("there was no whole answer within {0} s")]
    Timeout(f32),
    #[error("so many requests are on their way that this one was not sent")]
    Busy,
    #[error("the answer was {0}, a redirect, and none is followed")]
    Redirect(u16),
    #[error("the answer was {0}, not 200")]
    Status(u16),
    #[error("got {}", .0.as_deref().unwrap_or("no content type"))]
    ContentType(Option<String>),
    #[error("the content is coded as {0}; only gzip is read")]
    Coding(String),
    #[error("got {} of at most {}", size(.0, .2), kib(*.1))]
    TooLarge(u64, u64, Announced),
    #[error("the answer is not to be read: {0}")]
    Broken(String),
}

/// The way in which a size is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// `Content-Length` says it.
    Whole,
    /// So much was read, and there was more.
    AtLeast,
}

fn size(bytes: &u64, announced: &Announced) -> String {
    match announced {
        Announced::Whole => kib(*bytes),
        Announced::AtLeast => format!("more than {}", kib(*bytes)),
    }
}

/// `5.1 KiB`, `9.5 MiB`.
fn kib(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10) / unit;
        if tenths.is_multiple_of(10) { format!("{}", tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
    };
    if bytes >= 1 << 20 { format!("{} MiB", tenths(1 << 20)) } else { format!("{} KiB", tenths(1 << 10)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_words_for_an_administrator() {
        let large = |bytes, announced| FetchError::TooLarge(bytes, 16 << 10, announced).to_string();
        assert_eq!(large(10 << 20, Announced::Whole), "got 10 MiB of at most 16 KiB");
        assert_eq!(large(16 << 10, Announced::AtLeast), "got more than 16 KiB of at most 16 KiB");
        assert_eq!(FetchError::TooLarge(5_222, 5 << 10, Announced::Whole).to_string(), "got 5 KiB of at most 5 KiB");
        assert_eq!(FetchError::ContentType(Some("text/html".into())).to_string(), "got text/html");
        assert_eq!(FetchError::Timeout(5.0).to_string(), "there was no whole answer within 5 s");
        let not_public =
            FetchError::NotPublic { host: "a.example".to_owned(), address: "169.254.169.254".parse().unwrap() };
        assert_eq!(
            not_public.to_string(),
            "the address 169.254.169.254 of a.example is not public; ALLOWED_FETCH_HOSTS may name a.example"
        );
    }
}
