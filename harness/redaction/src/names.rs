//! Names that tell that what stands beside them is a secret: of environment variables, keys, flags, headers.
//!
//! A name is read without its separators and in lower case, and it is its end that tells: `tokenExpirationSeconds` and
//! `secretName` are about a secret and hold none, `DB_PASSWORD` and `etcd-password` hold one.

use std::sync::LazyLock;

/// How sure a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// Whatever stands beside it is a secret.
    Strong,
    /// A word of prose and of Kubernetes too: `token`, `secret`, `credential`.
    Weak,
}

/// How much of a name is looked at, without separators: its end.
const LONGEST: usize = 48;

/// Ends of names, without separators and in lower case. The words are those of gitleaks' `generic-api-key` rule, of
/// Kubernetes' own fields (kubeconfig, Secret types, kubeadm) and of the tools that case studies name; the last of a
/// list decides.
const STRONG: &[&str] = &[
    "accesskey",
    "accesstoken",
    "accountkey",
    "adminkey",
    "apikey",
    "apisecret",
    "apitoken",
    "appkey",
    "applicationkey",
    "authkey",
    "authtoken",
    "bearer",
    "bearertoken",
    "certificatekey",
    "clientcertificatedata",
    "clientkeydata",
    "clientsecret",
    "connectionstring",
    "consumerkey",
    "csrftoken",
    "databaseurl",
    "deploykey",
    "dockercfg",
    "dockerconfigjson",
    "encryptionkey",
    "hmackey",
    "htpasswd",
    "idtoken",
    "identitytoken",
    "jwt",
    "keypassword",
    "licensekey",
    "masterkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "personalaccesstoken",
    "presharedkey",
    "privatekey",
    "privkey",
    "refreshtoken",
    "registrationtoken",
    "registrytoken",
    "secretaccesskey",
    "secretkey",
    "servicekey",
    "sessionid",
    "sessionkey",
    "sessiontoken",
    "sharedaccesskey",
    "sharedkey",
    "signingkey",
    "sshkey",
    "storagekey",
    "userpass",
    "xapikey",
];

const WEAK: &[&str] = &["credential", "secret", "secretid", "token"];

/// Ends that are about a secret elsewhere: names of Secrets, not secrets.
const ELSEWHERE: &[&str] = &[
    "pullsecret",
    "tlssecret",
    "notoken",
    "pagetoken",
    "continuetoken",
];

/// What may follow the telling part.
const FORMS: &[&str] = &["value", "base64", "b64", "encoded", "plaintext", "string"];

/// Whether a name tells, and how sure it is.
pub(super) fn telling(name: &str) -> Option<Telling> {
    if name.len() < 3 || !may_tell(name) {
        return None;
    }
    let mut buffer = [0_u8; LONGEST];
    let mut start = LONGEST;
    for &byte in name.as_bytes().iter().rev() {
        if byte.is_ascii_alphanumeric() {
            if start == 0 {
                break;
            }
            start -= 1;
            buffer[start] = byte.to_ascii_lowercase();
        }
    }
    let mut joined = &buffer[start..];
    if FORM_ENDS.find(joined) {
        let form = FORMS
            .iter()
            .find_map(|form| joined.strip_suffix(form.as_bytes()));
        joined = form.unwrap_or(joined);
    }
    while let [rest @ .., b'0'..=b'9'] = joined {
        joined = rest;
    }
    let singular = |joined: &[u8]| STRONG_ENDS.find(joined) || WEAK_ENDS.find(joined);
    if let [rest @ .., b's'] = joined
        && rest != b"secret"
        && !rest.ends_with(b"pass")
        && singular(rest)
        && !rest.ends_with(b"secret")
    {
        joined = rest;
    }
    if joined.len() < 3 || ELSEWHERE_ENDS.find(joined) {
        return None;
    }
    if STRONG_ENDS.find(joined) {
        return Some(Telling::Strong);
    }
    if WEAK_ENDS.find(joined) || joined == b"auth" {
        return Some(Telling::Weak);
    }
    // Short ones are ends of other words (`bypass`), so they must be a part of their own.
    let part = last_part(name);
    (matches!(part.to_ascii_lowercase().as_str(), "pass" | "pwd" | "psk") && joined != b"pass")
        .then_some(Telling::Strong)
}

/// Whether a name is a parameter of a query or a header's that is signed or is a key itself.
pub(super) fn is_telling_parameter(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "key" | "sig" | "signature" | "auth" | "code" | "sas" | "pass" | "pwd" | "assertion"
    ) || name.ends_with("-signature")
        || name.ends_with("-credential")
        || name.ends_with("_signature")
}

/// What is a header of credentials whatever its value looks like.
pub(super) fn is_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("set-cookie")
}

/// `Authorization`, `Proxy-Authorization`, `X-Forwarded-Authorization`.
pub(super) fn is_authorization(name: &str) -> bool {
    const NAME: &str = "authorization";
    name.len() >= NAME.len()
        && name.as_bytes()[name.len() - NAME.len()..].eq_ignore_ascii_case(NAME.as_bytes())
        && (name.len() == NAME.len()
            || matches!(name.as_bytes()[name.len() - NAME.len() - 1], b'-' | b'_'))
}

/// Ends by their last byte: every word of a text is looked up.
struct Ends(Vec<Vec<&'static [u8]>>);

impl Ends {
    fn of(ends: &[&'static str]) -> Self {
        let mut by_last = vec![Vec::new(); 256];
        for end in ends {
            if let Some(&last) = end.as_bytes().last() {
                by_last[usize::from(last)].push(end.as_bytes());
            }
        }
        Self(by_last)
    }

    fn find(&self, joined: &[u8]) -> bool {
        joined.last().is_some_and(|&last| {
            let ends = &self.0[usize::from(last)];
            ends.iter().any(|end| joined.ends_with(end))
        })
    }
}

static STRONG_ENDS: LazyLock<Ends> = LazyLock::new(|| Ends::of(STRONG));
static WEAK_ENDS: LazyLock<Ends> = LazyLock::new(|| Ends::of(WEAK));
static ELSEWHERE_ENDS: LazyLock<Ends> = LazyLock::new(|| Ends::of(ELSEWHERE));
static FORM_ENDS: LazyLock<Ends> = LazyLock::new(|| Ends::of(FORMS));

/// The last two letters of each name that tells, and of its plural.
static LAST_TWO: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut all = vec![false; 1 << 16];
    let short = ["auth", "pass", "pwd", "psk"];
    for end in [STRONG, WEAK, FORMS, &short].into_iter().flatten() {
        if let [.., before, last] = end.as_bytes() {
            all[index(*before, *last)] = true;
            all[index(*last, b's')] = true;
        }
    }
    all
});

fn index(before: u8, last: u8) -> usize {
    usize::from(before) << 8 | usize::from(last)
}

/// Whether a name's last letters are those of one that tells: every word of a text is looked at. Behind a number any may.
fn may_tell(name: &str) -> bool {
    let letters = name.bytes().rev().filter(u8::is_ascii_alphanumeric);
    let mut letters = letters.map(|byte| byte.to_ascii_lowercase());
    match (letters.next(), letters.next()) {
        (Some(last), Some(before)) => last.is_ascii_digit() || LAST_TWO[index(before, last)],
        _ => false,
    }
}

/// The last part of `DB_PASS`, `dbPass`, `db.pass`.
fn last_part(name: &str) -> &str {
    let name = name.trim_end_matches(|character: char| character.is_ascii_digit());
    let bytes = name.as_bytes();
    let mut start = bytes.len();
    while start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
        start -= 1;
        let begins =
            bytes[start].is_ascii_uppercase() && start > 0 && bytes[start - 1].is_ascii_lowercase();
        if begins {
            break;
        }
    }
    &name[start..]
}

#[cfg(test)]
mod tests {
    use super::{Telling, is_authorization, telling};

    #[test]
    fn a_name_tells_by_its_end() {
        for name in [
            "password",
            "DB_PASSWORD",
            "etcd-password",
            "dbPass",
            "MYSQL_PWD",
            "apiKey",
            "api_key",
            "X-API-Key",
            "X-Auth-Token",
            "SecretAccessKey",
            "WireguardPrivateKey",
            "client-key-data",
            ".dockerconfigjson",
            "PASSWORD_2",
            "passwordBase64",
            "refresh_tokens",
            "spring.datasource.password",
        ] {
            assert_eq!(telling(name), Some(Telling::Strong), "{name}");
        }
        for name in [
            "token",
            "secret",
            "k8s_auth",
            "credentials",
            "auth",
            "vault.token",
        ] {
            let expected = (name != "k8s_auth").then_some(Telling::Weak);
            assert_eq!(telling(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_about_a_secret_does_not() {
        for name in [
            "secretName",
            "tokenExpirationSeconds",
            "imagePullSecrets",
            "imagePullSecret",
            "secrets",
            "token-auth-file",
            "discovery-token-ca-cert-hash",
            "password-stdin",
            "etcd_key_file",
            "WireguardPublicKey",
            "bypass",
            "pass",
            "key",
            "author",
            "tokenizer",
            "passwordPolicy",
            "pod",
            "pwdx",
        ] {
            assert_eq!(telling(name), None, "{name}");
        }
    }

    #[test]
    fn an_authorization_is_a_header() {
        assert!(is_authorization("Proxy-Authorization"));
        assert!(!is_authorization("authorization-mode"));
        assert!(!is_authorization("reauthorization"));
    }
}
