// Prints two requests as reqwest's types do in `{:?}`: make BASE_URL, with tab-separated requests on stdin: method,
// target, body, then names and values of the headers. Wants reqwest with the feature "blocking".
use std::io::BufRead;

fn main() {
    let base = std::env::args().nth(1).unwrap();
    let client = reqwest::blocking::Client::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let given: Vec<&str> = line.split('\t').collect();
        let mut building = client.request(given[0].parse().unwrap(), format!("{base}{}", given[1]));
        for pair in given[3..].chunks(2) {
            building = building.header(pair[0], pair[1]);
        }
        println!("{:?}", building.build().unwrap());
        println!("body: {}", given[2]);
    }
}
