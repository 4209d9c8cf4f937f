//! One reading of what an administrator sends, whichever door it comes through: a form of the console or JSON of the admin API.
//!
//! A draft is declared by [`draft!`], which names each field once, and filled by `take`. The two doors differ in what silence means, and that is theirs to
//! say: a box that is not ticked is not sent, so to a form silence is "no"; to JSON it is "as it is".

use std::convert::Infallible;

use crate::details::DetailsTypeDraft;
use crate::form::Form;
use crate::resource::ResourceScopeDraft;

/// Something with named fields.
pub trait Fields {
    /// Why a field cannot be read. A form has no such thing: all it holds is text.
    type Error;

    /// A text. `None`: it was not sent.
    ///
    /// # Errors
    /// When it is something else.
    fn text(&self, name: &'static str) -> Result<Option<String>, Self::Error>;

    /// A list of words, one a line.
    ///
    /// # Errors
    /// When it is something else.
    fn words(&self, name: &'static str) -> Result<Option<String>, Self::Error>;

    /// Lines of text.
    ///
    /// # Errors
    /// When it is something else.
    fn lines(&self, name: &'static str) -> Result<Option<String>, Self::Error>;

    /// A list of words, word by word.
    ///
    /// # Errors
    /// When it is something else.
    fn list(&self, name: &'static str) -> Result<Option<Vec<String>>, Self::Error> {
        Ok(self.words(name)?.map(|lines| lines.split_whitespace().map(str::to_owned).collect()))
    }

    /// A list of texts that may hold blanks, one a line.
    ///
    /// # Errors
    /// When it is something else.
    fn choices(&self, name: &'static str) -> Result<Option<String>, Self::Error> {
        self.words(name)
    }

    /// A JSON object, as text.
    ///
    /// # Errors
    /// When it is something else.
    fn json(&self, name: &'static str) -> Result<Option<String>, Self::Error> {
        self.text(name)
    }

    /// A yes or no.
    ///
    /// # Errors
    /// When it is something else.
    fn flag(&self, name: &'static str) -> Result<Option<bool>, Self::Error>;

    /// A yes or no that may be left to a default: `true`, `false` or the empty text.
    ///
    /// # Errors
    /// When it is something else.
    fn switch(&self, name: &'static str) -> Result<Option<String>, Self::Error>;

    /// A number, as text, for the checks of the draft.
    ///
    /// # Errors
    /// When it is something else.
    fn number(&self, name: &'static str) -> Result<Option<String>, Self::Error>;

    /// Scopes with their descriptions, for the checks of the draft.
    ///
    /// # Errors
    /// When it is something else.
    fn scopes(&self, name: &'static str) -> Result<Option<Vec<ResourceScopeDraft>>, Self::Error>;

    /// Types of authorization details, for the checks of the draft.
    ///
    /// # Errors
    /// When it is something else.
    fn details_types(&self, name: &'static str) -> Result<Option<Vec<DetailsTypeDraft>>, Self::Error>;
}

/// Puts what was sent in the place of what is there.
pub(crate) fn put<T>(place: &mut T, sent: Option<T>) {
    if let Some(value) = sent {
        *place = value;
    }
}

/// `draft! { Name { field: Type, reading; … } }`: a struct of what was typed or sent, and `take`, which reads each field by the
/// function of [`Fields`] that stands beside it; and its fields as texts.
macro_rules! draft {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty, $reading:ident;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type),+
        }

        impl $name {
            /// Takes over what was sent.
            ///
            /// # Errors
            /// When a field cannot be read.
            pub fn take<F: $crate::fields::Fields>(&mut self, fields: &F) -> Result<(), F::Error> {
                $($crate::fields::put(&mut self.$field, fields.$reading(stringify!($field))?);)+
                Ok(())
            }
        }

        $crate::difference::texts! { $name { $($field),+ } }
    };
}
pub(crate) use draft;

impl Fields for Form {
    type Error = Infallible;

    fn text(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        Ok(self.is_set(name).then(|| self.text(name)))
    }

    /// Boxes, one sent for each that is ticked, or the lines of a text area. With no box ticked nothing is sent.
    fn words(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        Ok(Some(self.all(name).join("\n").replace("\r\n", "\n")))
    }

    fn lines(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        Fields::text(self, name)
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>, Infallible> {
        Ok(Some(self.is_set(name)))
    }

    fn switch(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        Fields::text(self, name)
    }

    fn number(&self, name: &'static str) -> Result<Option<String>, Infallible> {
        Fields::text(self, name)
    }

    /// Lines of two fields and a box: `…_name`, `…_description`, and `…_default` with the numbers of the lines that are ticked.
    fn scopes(&self, name: &'static str) -> Result<Option<Vec<ResourceScopeDraft>>, Infallible> {
        let column = |part: &str| self.all(&format!("{name}_{part}"));
        let (descriptions, ticked) = (column("description"), column("default"));
        let line = |(index, name): (usize, String)| ResourceScopeDraft {
            name,
            description: descriptions.get(index).cloned().unwrap_or_default(),
            default: ticked.contains(&index.to_string()),
        };
        Ok(Some(column("name").into_iter().enumerate().map(line).collect()))
    }

    /// Lines of three fields: `…_type`, `…_description` and `…_fields`.
    fn details_types(&self, name: &'static str) -> Result<Option<Vec<DetailsTypeDraft>>, Infallible> {
        let column = |part: &str| self.all(&format!("{name}_{part}"));
        let (descriptions, fields) = (column("description"), column("fields"));
        let line = |(index, name): (usize, String)| DetailsTypeDraft {
            name,
            description: descriptions.get(index).cloned().unwrap_or_default(),
            fields: fields.get(index).map(|lines| lines.replace("\r\n", "\n")).unwrap_or_default(),
        };
        Ok(Some(column("type").into_iter().enumerate().map(line).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_of_a_form_empties_boxes_and_leaves_texts() {
        let form = Form::parse(b"name=a%0D%0Ab&scope=openid&scope=email&on=on").unwrap();
        assert_eq!(Fields::text(&form, "name"), Ok(Some("a\nb".to_owned())));
        assert_eq!(Fields::text(&form, "other"), Ok(None));
        assert_eq!(form.words("scope"), Ok(Some("openid\nemail".to_owned())));
        assert_eq!(form.words("other"), Ok(Some(String::new())));
        assert_eq!((form.flag("on"), form.flag("off")), (Ok(Some(true)), Ok(Some(false))));
        assert_eq!(form.switch("other"), Ok(None));
        let lines = Form::parse(b"s_name=a&s_description=A&s_name=b&s_description=&s_default=1&s_default=x").unwrap();
        let line = |name: &str, description: &str, default| ResourceScopeDraft {
            name: name.to_owned(),
            description: description.to_owned(),
            default,
        };
        assert_eq!(lines.scopes("s"), Ok(Some(vec![line("a", "A", false), line("b", "", true)])));
        let types = Form::parse(b"t_type=a&t_description=A&t_fields=x%0D%0Ay&t_type=b").unwrap();
        let [a, b] = ["a", "b"].map(|name| DetailsTypeDraft { name: name.to_owned(), ..DetailsTypeDraft::default() });
        let a = DetailsTypeDraft { description: "A".to_owned(), fields: "x\ny".to_owned(), ..a };
        assert_eq!(types.details_types("t"), Ok(Some(vec![a, b])));
    }
}
