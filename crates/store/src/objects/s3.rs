//! How a bucket is reached.

use std::fmt;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use rustls::crypto::ring;

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// What a URL `s3://…` does not say. What is `None` is taken from the environment as every program does that speaks to S3
/// (`AWS_REGION`, `AWS_ENDPOINT_URL` …).
#[derive(Debug, Clone)]
pub struct S3 {
    /// The address of a service that is not AWS, for example `https://minio.example.com`.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Encryption by the service, on top of what archives have of their own: `AES256`, `aws:kms`, or `aws:kms:` and a key.
    pub encryption: Option<String>,
    /// `None`: the usual chain of environment, web identity, container and instance role.
    pub credentials: Option<Credentials>,
    /// A service from which nothing is heard for so long is taken for dead.
    pub timeout: Duration,
    /// How often a request that failed is tried again.
    pub retries: usize,
    /// Bytes of each part of a large object. S3 takes 10,000 parts of at least 5 MiB; three are in memory while one is sent.
    pub part_size: usize,
}

/// An access key.
#[derive(Clone)]
pub struct Credentials {
    /// Its name.
    pub access_key_id: String,
    /// The secret that belongs to it.
    pub secret_access_key: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.access_key_id)
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: None,
            encryption: None,
            credentials: None,
            timeout: Duration::from_mins(1),
            retries: 5,
            part_size: 8 << 20,
        }
    }
}

impl S3 {
    /// Prepares a bucket without asking for it.
    pub(super) fn open(&self, bucket: &str) -> object_store::Result<AmazonS3> {
        // The HTTP client takes what the process has. Another that is there already is as good.
        let _ = ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        if let Some(key) = &self.credentials {
            builder = builder.with_access_key_id(&key.access_key_id).with_secret_access_key(&key.secret_access_key);
        }
        self.encrypted(builder)?.with_retry(self.retry()).with_client_options(self.client()).build()
    }

    fn encrypted(&self, builder: AmazonS3Builder) -> object_store::Result<AmazonS3Builder> {
        let Some(algorithm) = self.encryption.as_deref() else { return Ok(builder) };
        if let Some(key) = algorithm.strip_prefix("aws:kms:") {
            return Ok(builder.with_sse_kms_encryption(key));
        }
        let key: AmazonS3ConfigKey = "aws_server_side_encryption".parse()?;
        Ok(builder.with_config(key, algorithm))
    }

    fn retry(&self) -> RetryConfig {
        RetryConfig {
            backoff: BackoffConfig { init_backoff: FIRST_BACKOFF, max_backoff: LONGEST_BACKOFF, base: 2. },
            max_retries: self.retries,
            // Every attempt may take as long as it makes progress; their number is what ends them.
            retry_timeout: Duration::from_hours(1),
        }
    }

    /// A download as a whole may take hours, so only silence is bounded.
    fn client(&self) -> ClientOptions {
        let http = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        ClientOptions::new()
            .with_allow_http(http)
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT_TIMEOUT)
            .with_read_timeout(self.timeout)
    }
}
