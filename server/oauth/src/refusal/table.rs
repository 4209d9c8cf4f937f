//! The macro that makes a type of the table of checks.

/// `reasons! { Name = "word", Code, "description", "clause", Place, "advice"; … }`.
macro_rules! reasons {
    ($($name:ident = $word:literal, $code:ident, $description:literal, $clause:literal, $place:expr, $advice:literal;)+) => {
        crate::words::words! {
            /// The check that refused a request. There is one for each refusal of the protocol.
            Reason {
                #[default]
                $($name = $word),+
            }
        }

        impl Reason {
            /// The code that the answer carries.
            #[must_use]
            pub fn code(self) -> $crate::error::ErrorCode {
                match self { $(Self::$name => $crate::error::ErrorCode::$code),+ }
            }

            /// The description that the answer carries, where the check has none that is more exact.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self { $(Self::$name => $description),+ }
            }

            /// The clause of the specification that asks for the check.
            #[must_use]
            pub fn clause(self) -> &'static str {
                match self { $(Self::$name => $clause),+ }
            }

            /// The place where it is mended.
            #[must_use]
            pub fn place(self) -> $crate::refusal::Place {
                match self { $(Self::$name => $place),+ }
            }

            /// The advice, in a sentence or two.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),+ }
            }
        }
    };
}

pub(super) use reasons;
