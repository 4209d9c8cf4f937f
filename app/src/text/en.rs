//! English.

use oauth::field::FieldProblem;
use oauth::redirect_uri::RedirectUriWarning;

#[cfg(feature = "ssr")]
pub(super) use pages::TEXT;

/// In English a problem is its description, which programs read too.
pub(super) fn field_problem(problem: &FieldProblem) -> String {
    problem.to_string()
}

pub(super) fn redirect_uri_warning(warning: RedirectUriWarning) -> String {
    warning.to_string()
}

#[cfg(feature = "ssr")]
mod pages {
    use oauth::authorize::LoginReason;
    use oauth::error::Problem;
    use oauth::registration::Program;

    use crate::pages::error::Reason;
    use crate::text::*;

    pub(in crate::text) static TEXT: Text = Text {
        account: AccountText {
            title: "What can act for you",
            lead: Around(
                "Applications, agents and devices that may act for {}. Withdraw what you no longer want: the application is signed out of your account at once. Unless it is said otherwise below, you are asked again when you come back to it. Or take back one thing, and let it keep the rest.",
            ),
            nothing: "Nothing can act for you.",
            at: Around("At {}"),
            since: Around("Allowed {}"),
            used: Around("last used {}"),
            signed_out: "signed out",
            vouched: Around("{} lets it in: it can come back without asking you."),
            unasked: "It can come back without asking you: nobody is asked about it.",
            sign_in: "Sign in",
            sign_in_at: Around("Sign in to {}"),
            take_back: "Take back",
            take_back_scope: Around("Take back: {}"),
            withdraw: "Withdraw",
            withdraw_from: Around("Withdraw what {} may do"),
            withdrawn: "It is withdrawn.",
            home: "Back to the home page",
        },
        client: ClientText { about: Around("About {}"), website: "Website", privacy: "Privacy", terms: "Terms" },
        consent: ConsentText {
            title: Around("Allow {}?"),
            asks_for: "asks for what is listed below.",
            calls_itself: Around("It calls itself {}, and asks for what is listed below."),
            answer_to_site: Around("The answer goes to {}."),
            answer_to_program: "The answer goes to a program on this computer.",
            answer_to_port: Around("The answer goes to a program on this computer, port {}."),
            answer_to_app: Around("The answer goes to an app on this computer, called by {}:"),
            anybody_here: "Any program on this computer can pose as this application. Allow it only if you started it just now.",
            first_use: "Nobody has used this application on this server before.",
            acts_at: Around("Acts for you at {}"),
            new_scope: "new",
            claim: |claim| format!("Your {claim}"),
            decline: "Decline",
            allow: "Allow",
            signed_in_as: Around("Signed in as {}."),
            not_you: "Not you?",
        },
        device: DeviceText {
            title: "Connect a device",
            lead: "Type the code that your device shows.",
            code: "Code",
            button: "Continue",
            wrong: "No device waits with this code. A code is good for 15 minutes and for one answer. Compare it with your device, or let the device show another one.",
            too_many: Around("Too many wrong codes for this account or from this address. Try again in {}."),
            registered: "An application that registered itself",
            anybody: "Any program can pose as this application: it does not prove who it is. Allow it only if you started it just now.",
            asked: "It asked on a device,",
            compare: "Your device must show this code:",
            warning: "Go on only if you started this yourself, on a device of yours. If somebody sent you this code or a link to this page, decline: they want to use your account.",
            allowed: (
                "Your device is connected",
                "It goes on by itself within a few seconds. You can close this page.",
            ),
            declined: ("Declined", "The device was given nothing. You can close this page."),
        },
        approve: ApproveText {
            title: "Waiting for your answer",
            lead: "These applications ask to act for you, or to know who you are.",
            nothing: "No application waits for your answer.",
            warning: "Allow only what you started yourself just now. If you do not know what a request is about, decline it.",
            gone: "This request does not wait any longer. It was answered before, or its time is over.",
            registered: "An application that registered itself",
            asked: "It asked",
            from: Around("from {}"),
            compare: "The same words must stand where you started:",
            waits: |number| match number {
                1 => "1 request waits for your answer".to_owned(),
                number => format!("{number} requests wait for your answer"),
            },
            allowed: ("Allowed", "The application goes on by itself within a few seconds."),
            declined: ("Declined", "The application was given nothing."),
        },
        error: ErrorText {
            reason,
            request_id: "request ID",
            pass_on: "If this keeps happening, send these lines to the people who run the application.",
        },
        explained: ExplainedText {
            title: "A request was refused",
            lead: "An application asked this server for something, and was refused. Whoever runs the server finds the reason by this ID.",
        },
        form_post: FormPostText {
            title: "One moment",
            lead: "You are being taken back to the application.",
            button: "Continue",
        },
        home: HomeText {
            account: ("What can act for you", "Applications, agents and devices, and what they may do"),
            lead: Around(
                "This server signs people in to applications, by OAuth 2.0 and OpenID Connect. Its name is {}.",
            ),
            console: ("Console", "Clients, scopes, users and signing keys"),
            docs: ("Documentation", "How to use this server, of this version"),
            discovery: ("Discovery", "What this server speaks, for OpenID Connect libraries"),
            keys: ("Public keys", "What tokens of this server are verified with"),
            set_up: "Set up this server",
            sign_in: "Sign in",
            sign_out: "Sign out",
            signed_in_as: Around("Signed in as {}"),
        },
        login: LoginText {
            title: "Sign in",
            purpose: Around("to continue to {}"),
            reason: |reason| match reason {
                LoginReason::NobodySignedIn => None,
                LoginReason::Prompted => Some("The application wants you to sign in again."),
                LoginReason::TooLongAgo => Some("You signed in too long ago for what the application needs."),
                LoginReason::AnotherPerson => Some("The application asks for somebody else than who is signed in."),
            },
            username: "Username or email",
            password: "Password",
            button: "Sign in",
            wrong: "The username or password is not right.",
            too_many: Around("Too many wrong passwords for this account or from this address. Try again in {}."),
        },
        logout: LogoutText {
            title: "Sign out?",
            asks: Around("{} asks to sign you out."),
            signed_in_as: Around("You are signed in as {}."),
            stay: "Stay signed in",
            button: "Sign out",
        },
        select_account: SelectAccountText {
            title: "Choose an account",
            purpose: Around("to continue to {}"),
            continue_as: Around("Continue as {}"),
            other: "Use another account",
        },
        signed_in: SignedInText {
            title: "Sign in",
            lead: Around("You are signed in as {}."),
            continue_as: Around("Continue as {}"),
            other: "Use another account",
        },
        signed_out: SignedOutText {
            title: "Signed out",
            heading: "You are signed out",
            lead: "Applications you used may keep their own session until you sign out there too.",
            telling: "Applications that asked to know are told now.",
            frame: "Signing out of an application",
            button: "Sign in again",
            go_on: "Go on",
        },
        wait,
    };

    fn reason(reason: &Reason) -> (&'static str, String) {
        match reason {
            Reason::Problem(problem) => ("This request cannot be answered", sentence(problem)),
            Reason::NothingHere => ("Nothing here", "There is no page at this address.".to_owned()),
            Reason::TooMany { wait: seconds } => (
                "Too many requests",
                format!("Too many requests come from your address. Try again in {}.", wait(*seconds)),
            ),
            Reason::Busy => (
                "Busy",
                "Many people are signing in at the moment. Please try again in a few seconds; nothing was counted against you."
                    .to_owned(),
            ),
            Reason::Unavailable => (
                "Not available right now",
                "The server cannot reach its database at the moment. Please try again in a minute.".to_owned(),
            ),
            Reason::Failed => {
                ("Something went wrong", "Something went wrong on the server. Nothing was changed.".to_owned())
            }
        }
    }

    fn sentence(problem: &Problem) -> String {
        match problem {
            Problem::ClientIdMissing => {
                "The request does not say which application it comes from: client_id is missing.".to_owned()
            }
            Problem::UnknownClient { .. } => "No application is registered here under this client ID. If it worked before, remove the connection in the application and add it again.".to_owned(),
            Problem::ClientDocument { reason, .. } => format!(
                "The application is known by a document at the address that is its client ID, and the document cannot be used: {reason}."
            ),
            Problem::ClientHost { host, asks: true, .. } => {
                format!("Applications of {host} are not allowed on this server yet. An administrator can allow them.")
            }
            Problem::ClientHost { host, .. } => format!("Applications of {host} are not allowed on this server."),
            Problem::ForgottenClient { program, .. } => forgotten(*program),
            Problem::RedirectUriMissing { .. } => {
                "The application did not say where to send you back to: redirect_uri is missing.".to_owned()
            }
            Problem::RedirectUriUnregistered { .. } => {
                "The address to send you back to is not registered for this application.".to_owned()
            }
            Problem::PushedRequestGone { .. } => {
                "This link to sign in was used before, or its time is over. Go back to the application and sign in from there."
                    .to_owned()
            }
            Problem::Unread { error, .. } => {
                format!("The request of the application cannot be read: {}.", error.description)
            }
            Problem::Unanswerable { reason, .. } => {
                format!("The application cannot be answered: {}.", reason.description())
            }
            Problem::Malformed(_, description) => format!("The request is not well formed: {description}."),
            Problem::Logout(error) => format!("The link to sign out is not valid: {}.", error.description),
        }
    }

    /// The way out for somebody whose program asks under an ID that is gone. It asks in the same way for ever.
    fn forgotten(program: Program) -> String {
        let advice = match program {
            Program::Claude => "in Claude, open Settings, Connectors, remove this connection and add it again",
            Program::ClaudeCode => {
                "if you came from Claude Code, type /mcp there, choose this server, clear its authentication and \
                 authenticate again; in any other program, remove the connection to this server and add it again"
            }
            Program::ChatGpt => "in ChatGPT, open Settings, Apps & Connectors, remove this connection and add it again",
            Program::Codex => {
                "if you came from Codex, run codex mcp logout and then codex mcp login, each with the name of this server"
            }
            Program::VsCode => {
                "in Visual Studio Code, run the command “Authentication: Remove Dynamic Authentication Providers”, remove this \
                 server’s, and start the server again"
            }
            Program::Cursor => "in Cursor, open Settings, MCP, remove this server and add it again",
            Program::GeminiCli => {
                "if you came from Gemini CLI, run gemini mcp remove and then gemini mcp add, each with the name of this server"
            }
            Program::OpenCode => {
                "if you came from OpenCode, run opencode mcp logout and then opencode mcp auth, each with the name of this \
                 server"
            }
            Program::Inspector => "in MCP Inspector, clear the OAuth state of this server and connect again",
            Program::Goose => "in Goose, remove the extension for this server and add it again",
            Program::Antigravity => "in Antigravity, remove this server and add it again",
            Program::Other => {
                "in the program that sent you here, remove the connection to this server and add it again"
            }
        };
        format!(
            "This server does not know the program under the ID that it uses, or no longer. To connect again: {advice}."
        )
    }

    fn wait(seconds: i64) -> String {
        match seconds {
            ..=1 => "1 second".to_owned(),
            2..120 => format!("{seconds} seconds"),
            _ => format!("{} minutes", (seconds - 1) / 60 + 1),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_time_to_wait_is_never_too_short() {
            for (seconds, words) in [
                (0, "1 second"),
                (1, "1 second"),
                (2, "2 seconds"),
                (119, "119 seconds"),
                (120, "2 minutes"),
                (121, "3 minutes"),
            ] {
                assert_eq!(wait(seconds), words);
            }
        }
    }
}
