//! Credentials that show by how they begin. Prefixes, characters and lengths are facts that the issuers publish and that
//! gitleaks' default configuration gathers (https://github.com/gitleaks/gitleaks, MIT; the first column is its rule's id or,
//! where it has none, the issuer's page); the expressions are not taken over.

/// What may follow a prefix.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body {
    /// Letters and digits.
    Word,
    /// And `-`, `_`.
    Dashed,
    /// And `.`, `=`, `+`, `/`, `~`, `:`, `%`.
    Dotted,
    /// Upper-case letters and digits.
    Upper,
    /// Hexadecimal digits.
    Hex,
    /// What a hash of a password is made of: [`Body::Dotted`] and `$`, `,`.
    Crypt,
}

impl Body {
    pub(super) fn takes(self, byte: u8) -> bool {
        match self {
            Self::Word => byte.is_ascii_alphanumeric(),
            Self::Dashed => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Self::Dotted => {
                byte.is_ascii_alphanumeric()
                    || matches!(
                        byte,
                        b'-' | b'_' | b'.' | b'=' | b'+' | b'/' | b'~' | b':' | b'%'
                    )
            }
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Crypt => Self::Dotted.takes(byte) || matches!(byte, b'$' | b','),
        }
    }
}

/// A kind of credential.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Where the facts are from.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what a reader looks the shape up by")
    )]
    pub(super) reference: &'static str,
    /// How it begins.
    pub(super) prefix: &'static str,
    /// What follows.
    pub(super) body: Body,
    /// How much of it follows at least; less than is issued, so that one that was cut is known too.
    pub(super) least: usize,
}

const fn shape(reference: &'static str, prefix: &'static str, body: Body, least: usize) -> Shape {
    Shape {
        reference,
        prefix,
        body,
        least,
    }
}

use Body::{Crypt, Dashed, Dotted, Hex, Upper, Word};

/// Sorted by nothing: a text is looked through once, by each prefix's first byte.
pub(super) const SHAPES: &[Shape] = &[
    shape("adobe-client-secret", "p8e-", Word, 24),
    shape("age-secret-key", "AGE-SECRET-KEY-", Dashed, 20),
    shape("age-plugin identities", "AGE-PLUGIN-", Dashed, 30),
    shape("alibaba-access-key-id", "LTAI", Word, 16),
    shape("anthropic-api-key", "sk-ant-", Dashed, 20),
    shape("artifactory-api-key", "AKCp", Word, 40),
    shape("atlassian-api-token", "ATATT3", Dotted, 30),
    shape("bitbucket app password", "ATBB", Word, 24),
    shape(
        "authress-service-client-access-key",
        "authress_",
        Dotted,
        20,
    ),
    shape("aws-access-token", "AKIA", Upper, 12),
    shape("aws-access-token", "ASIA", Upper, 12),
    shape("aws-access-token", "ABIA", Upper, 12),
    shape("aws-access-token", "ACCA", Upper, 12),
    shape("aws-amazon-bedrock-api-key-long-lived", "ABSK", Dotted, 60),
    shape("buildkite agent token", "bkua_", Word, 24),
    shape("circleci personal token", "CCIPAT_", Dashed, 20),
    shape("clojars-api-token", "CLOJARS_", Word, 30),
    shape("cloudflare-origin-ca-key", "v1.0-", Dashed, 40),
    shape("crates.io token", "cio", Word, 32),
    shape("databricks-api-token", "dapi", Hex, 24),
    shape("defined-networking-api-token", "dnkey-", Dashed, 30),
    shape("digitalocean-access-token", "doo_v1_", Hex, 24),
    shape("digitalocean-pat", "dop_v1_", Hex, 24),
    shape("digitalocean-refresh-token", "dor_v1_", Hex, 24),
    shape("docker hub personal access token", "dckr_pat_", Dashed, 16),
    shape(
        "docker hub organization access token",
        "dckr_oat_",
        Dashed,
        16,
    ),
    shape("docker swarm join token", "SWMTKN-1-", Dashed, 20),
    shape("docker swarm unlock key", "SWMKEY-1-", Dotted, 20),
    shape("doppler-api-token", "dp.pt.", Word, 24),
    shape("doppler service token", "dp.st.", Dotted, 24),
    shape("duffel-api-token", "duffel_", Dashed, 30),
    shape("dynatrace-api-token", "dt0c01.", Dotted, 40),
    shape("dynatrace platform token", "dt0s16.", Dotted, 40),
    shape("easypost-api-token", "EZAK", Word, 40),
    shape("easypost-test-api-token", "EZTK", Word, 40),
    shape("facebook-page-access-token", "EAAC", Word, 40),
    shape("facebook-page-access-token", "EAAM", Word, 40),
    shape("flutterwave-secret-key", "FLWSECK", Dashed, 12),
    shape("flyio-access-token", "fo1_", Dashed, 30),
    shape("flyio-access-token", "fm1r_", Dotted, 40),
    shape("flyio-access-token", "fm2_", Dotted, 40),
    shape("frameio-api-token", "fio-u-", Dashed, 40),
    shape("gcp-api-key", "AIza", Dashed, 24),
    shape("google oauth access token", "ya29.", Dotted, 20),
    shape("google oauth client secret", "GOCSPX-", Dashed, 20),
    shape("google oauth refresh token", "1//0", Dashed, 30),
    shape("github-app-token", "ghs_", Dotted, 20),
    shape("github-app-token", "ghu_", Word, 20),
    shape("github-fine-grained-pat", "github_pat_", Dashed, 20),
    shape("github-oauth", "gho_", Word, 20),
    shape("github-pat", "ghp_", Word, 20),
    shape("github-refresh-token", "ghr_", Word, 20),
    shape("gitlab-cicd-job-token", "glcbt-", Dashed, 12),
    shape("gitlab-deploy-token", "gldt-", Dashed, 12),
    shape("gitlab-feature-flag-client-token", "glffct-", Dashed, 12),
    shape("gitlab-feed-token", "glft-", Dashed, 12),
    shape("gitlab-incoming-mail-token", "glimt-", Dashed, 12),
    shape("gitlab-kubernetes-agent-token", "glagent-", Dashed, 20),
    shape("gitlab-oauth-app-secret", "gloas-", Dashed, 20),
    shape("gitlab-pat", "glpat-", Dotted, 12),
    shape("gitlab-ptt", "glptt-", Dashed, 12),
    shape("gitlab-rrt", "GR1348941", Dashed, 12),
    shape("gitlab-runner-authentication-token", "glrt-", Dotted, 12),
    shape("gitlab-scim-token", "glsoat-", Dashed, 12),
    shape("gitlab-session-cookie", "_gitlab_session=", Word, 16),
    shape("grafana-cloud-api-token", "glc_", Dotted, 24),
    shape("grafana-service-account-token", "glsa_", Dashed, 24),
    shape("harness-api-key", "pat.", Dotted, 50),
    shape("hashicorp-tf-api-token", "atlasv1.", Dotted, 40),
    shape("heroku-api-key-v2", "HRKU-", Dashed, 24),
    shape("huggingface-access-token", "hf_", Word, 24),
    shape("huggingface-organization-api-token", "api_org_", Word, 24),
    shape("infracost-api-token", "ico-", Word, 24),
    shape("intra42-client-secret", "s-s4t2", Dashed, 40),
    shape("k3s join token", "K10", Dotted, 64),
    shape("launchdarkly sdk key", "sdk-", Dashed, 36),
    shape("linear-api-key", "lin_api_", Word, 24),
    shape("maxmind-license-key", "_mmk", Word, 4),
    shape(
        "microsoft-teams-webhook",
        "webhook.office.com/webhookb2/",
        Dotted,
        20,
    ),
    shape("netlify personal token", "nfp_", Word, 24),
    shape("new-relic-browser-api-token", "NRJS-", Hex, 16),
    shape("new-relic-insert-key", "NRII-", Dashed, 24),
    shape("new-relic-user-api-key", "NRAK-", Word, 20),
    shape("notion-api-token", "ntn_", Word, 30),
    shape("npm-access-token", "npm_", Word, 24),
    shape("nuget api key", "oy2", Word, 40),
    shape("nvidia api key", "nvapi-", Dashed, 30),
    shape("openai-api-key", "sk-proj-", Dashed, 20),
    shape("openai-api-key", "sk-svcacct-", Dashed, 20),
    shape("openai-api-key", "sk-admin-", Dashed, 20),
    shape("openai-api-key", "sk-", Word, 32),
    shape("openshift-user-token", "sha256~", Dashed, 30),
    shape("1password-secret-key", "A3-", Dashed, 30),
    shape("1password-service-account-token", "ops_eyJ", Dotted, 40),
    shape("perplexity-api-key", "pplx-", Word, 32),
    shape("planetscale-api-token", "pscale_tkn_", Dotted, 24),
    shape("planetscale-oauth-token", "pscale_oauth_", Dotted, 24),
    shape("planetscale-password", "pscale_pw_", Dotted, 24),
    shape("postman-api-token", "PMAK-", Dashed, 30),
    shape("prefect-api-token", "pnu_", Word, 24),
    shape("pulumi-api-token", "pul-", Hex, 24),
    shape("pypi-upload-token", "pypi-", Dashed, 40),
    shape("readme-api-token", "rdme_", Word, 30),
    shape("replicate api token", "r8_", Word, 30),
    shape("rubygems-api-token", "rubygems_", Hex, 24),
    shape("scalingo-api-token", "tk-us-", Dashed, 30),
    shape("sendgrid-api-token", "SG.", Dotted, 40),
    shape("sendinblue-api-token", "xkeysib-", Dashed, 40),
    shape("sentry-org-token", "sntrys_", Dotted, 30),
    shape("sentry-user-token", "sntryu_", Hex, 30),
    shape("settlemint-personal-access-token", "sm_pat_", Word, 12),
    shape("settlemint-application-access-token", "sm_aat_", Word, 12),
    shape("settlemint-service-access-token", "sm_sat_", Word, 12),
    shape("shippo-api-token", "shippo_live_", Hex, 24),
    shape("shippo-api-token", "shippo_test_", Hex, 24),
    shape("shopify-access-token", "shpat_", Word, 24),
    shape("shopify-custom-access-token", "shpca_", Word, 24),
    shape("shopify-private-app-access-token", "shppa_", Word, 24),
    shape("shopify-shared-secret", "shpss_", Word, 24),
    shape("slack-app-token", "xapp-", Dashed, 16),
    shape("slack-bot-token", "xoxb-", Dashed, 12),
    shape("slack-user-token", "xoxp-", Dashed, 12),
    shape("slack-legacy-workspace-token", "xoxa-", Dashed, 12),
    shape("slack-legacy-workspace-token", "xoxr-", Dashed, 12),
    shape("slack-legacy-token", "xoxo-", Dashed, 12),
    shape("slack-legacy-token", "xoxs-", Dashed, 12),
    shape("slack-user-token", "xoxe-", Dashed, 12),
    shape("slack-config-access-token", "xoxe.", Dotted, 20),
    shape("slack session token", "xoxc-", Dashed, 12),
    shape("slack session cookie", "xoxd-", Dotted, 12),
    shape("slack-webhook-url", "hooks.slack.com/", Dotted, 20),
    shape("discord webhook", "discord.com/api/webhooks/", Dotted, 20),
    shape(
        "discord webhook",
        "discordapp.com/api/webhooks/",
        Dotted,
        20,
    ),
    shape("sourcegraph-access-token", "sgp_", Dashed, 30),
    shape("square-access-token", "sq0atp-", Dashed, 16),
    shape("square-access-token", "EAAA", Dashed, 50),
    shape("square client secret", "sq0csp-", Dashed, 16),
    shape("stripe-access-token", "sk_live_", Word, 10),
    shape("stripe-access-token", "sk_test_", Word, 10),
    shape("stripe-access-token", "sk_prod_", Word, 10),
    shape("stripe-access-token", "rk_live_", Word, 10),
    shape("stripe-access-token", "rk_test_", Word, 10),
    shape("stripe-access-token", "rk_prod_", Word, 10),
    shape("stripe webhook secret", "whsec_", Dotted, 16),
    shape("supabase token", "sbp_", Word, 24),
    shape("tailscale key", "tskey-", Dashed, 12),
    shape("typeform-api-token", "tfp_", Dotted, 40),
    shape("vault-batch-token", "hvb.", Dashed, 24),
    shape("vault-service-token", "hvs.", Dashed, 20),
    shape("vault recovery token", "hvr.", Dashed, 20),
    shape("yandex-access-token", "t1.", Dotted, 60),
    shape("yandex-api-key", "AQVN", Dashed, 30),
    shape("atlassian repository token", "ATCTT3", Dotted, 30),
    shape("contentful management token", "CFPAT-", Dashed, 24),
    shape("datastax astra token", "AstraCS:", Dotted, 24),
    shape("e2b api key", "e2b_", Word, 24),
    shape("figma token", "figd_", Dashed, 24),
    shape("grafana api key", "eyJrIjoi", Dotted, 40),
    shape("groq api key", "gsk_", Word, 24),
    shape("hubspot private app token", "pat-na1-", Dashed, 24),
    shape("hubspot private app token", "pat-eu1-", Dashed, 24),
    shape("jfrog reference token", "cmVmdGtu", Word, 32),
    shape("linear oauth token", "lin_oauth_", Word, 24),
    shape("mailgun key", "key-", Hex, 32),
    shape("openrouter api key", "sk-or-v1-", Hex, 24),
    shape("render api key", "rnd_", Word, 20),
    shape("runpod api key", "rpa_", Word, 24),
    shape("supabase secret key", "sb_secret_", Dashed, 20),
    shape("tavily api key", "tvly-", Dashed, 20),
    shape("vercel token", "vcp_", Word, 20),
    shape("xai api key", "xai-", Dashed, 30),
    shape("crypt(5): bcrypt", "$2a$", Crypt, 30),
    shape("crypt(5): bcrypt", "$2b$", Crypt, 30),
    shape("crypt(5): bcrypt", "$2y$", Crypt, 30),
    shape("crypt(5): sha512crypt", "$6$", Crypt, 40),
    shape("crypt(5): sha256crypt", "$5$", Crypt, 40),
    shape("crypt(5): yescrypt", "$y$", Crypt, 40),
    shape("apache htpasswd", "$apr1$", Crypt, 20),
    shape("argon2", "$argon2", Crypt, 30),
    shape("postgresql scram verifier", "SCRAM-SHA-256$", Crypt, 30),
    // `{"auths"` and `{"alg"` in base64, as configurations of registries are kept.
    shape("docker config in base64", "eyJhdXRocyI6", Dotted, 12),
    shape("docker config in base64", "eyJhdXRocyI", Dotted, 12),
    shape("docker config in base64", "ewoJImF1dGhzIj", Dotted, 12),
    shape("docker config in base64", "ewogICJhdXRocyI", Dotted, 12),
];

#[cfg(test)]
mod tests {
    use super::{Body, SHAPES};

    #[test]
    fn each_shape_is_known_wherever_it_stands() {
        for shape in SHAPES {
            let piece = match shape.body {
                Body::Hex => "0a1b2c3d4e5f6789",
                Body::Upper => "A1B2C3D4E5F6G7H8",
                Body::Word | Body::Dashed | Body::Dotted | Body::Crypt => "a1B2c3D4e5F6g7H8",
            };
            let body = piece.repeat(1 + shape.least / piece.len());
            let token = format!("{}{body}", shape.prefix);
            for text in [
                token.clone(),
                format!("level=info msg=\"got {token} now\""),
                format!("{{\"line\":\"x\\n{token}\"}}"),
            ] {
                let redacted = crate::redact(&text);
                assert!(!redacted.contains(&body), "{}: {redacted}", shape.reference);
            }
        }
    }
}
