// Rust's clients, one after another, against one address: how each says that it failed.
use futures_util::{SinkExt, StreamExt};
use std::env::{args, var};
use std::error::Error;
use std::time::Duration;

type Failure = Box<dyn Error + Send + Sync>;

fn wait() -> Duration {
    Duration::from_secs_f64(var("WAIT").unwrap().parse().unwrap())
}

fn passphrase() -> String {
    var("PASSPHRASE").unwrap_or_default()
}

async fn use_reqwest(url: &str) -> Result<(), Failure> {
    let client = reqwest::Client::builder().connect_timeout(wait()).timeout(wait() * 2).build()?;
    client.get(url).header("OK-ACCESS-PASSPHRASE", passphrase()).send().await?.text().await?;
    Ok(())
}

async fn use_reqwest_value(url: &str) -> Result<(), Failure> {
    let value = reqwest::header::HeaderValue::from_str(&passphrase())?;
    reqwest::Client::builder().timeout(wait()).build()?.get(url).header("OK-ACCESS-PASSPHRASE", value).send().await?.text().await?;
    Ok(())
}

async fn use_ureq(url: &str) -> Result<(), Failure> {
    let url = url.to_owned();
    tokio::task::spawn_blocking(move || -> Result<(), Failure> {
        let mut made = ureq::AgentBuilder::new().timeout_connect(wait()).timeout_read(wait());
        if let Ok(proxy) = var("PROXY") {
            made = made.proxy(ureq::Proxy::new(proxy)?);
        }
        made.build().get(&url).set("OK-ACCESS-PASSPHRASE", &passphrase()).call()?.into_string()?;
        Ok(())
    })
    .await?
}

async fn use_tungstenite(url: &str) -> Result<(), Failure> {
    let address = url.replacen("http", "ws", 1);
    let (mut socket, _) = tokio::time::timeout(wait(), tokio_tungstenite::connect_async(address)).await??;
    socket.send("ping".into()).await?;
    while let Some(message) = tokio::time::timeout(wait(), socket.next()).await? {
        message?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = var("TARGET").unwrap();
    for name in args().skip(1) {
        let done = match name.as_str() {
            "reqwest" => use_reqwest(&url).await,
            "reqwest value" => use_reqwest_value(&url).await,
            "ureq" => use_ureq(&url).await,
            "tungstenite" => use_tungstenite(&url).await,
            _ => panic!("{name}"),
        };
        let (mut line, mut trace) = (String::new(), String::new());
        if let Err(error) = done {
            line = format!("{error}");
            trace = format!("Error: {error:?}");
        }
        println!("\x1e{name}\x1f{}\n\x1f{line}\x1f{trace}", var("VERSIONS").unwrap_or_default());
    }
}
