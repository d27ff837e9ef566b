// Bad signers as people write them in Go. Reads {secret, key, passphrase, stamp} and prints one capture per line.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"time"
)

var in struct{ Secret, Key, Passphrase, Stamp string }

const base, order, balance = "https://www.okx.com", "/api/v5/trade/order", "/api/v5/account/balance"

func emit(cause []string, method, target, body, signature string) {
	headers := map[string]string{"Ok-Access-Key": in.Key, "Ok-Access-Sign": signature, "Ok-Access-Timestamp": in.Stamp,
		"Ok-Access-Passphrase": in.Passphrase, "Content-Type": "application/json", "User-Agent": "Go-http-client/2.0"}
	row := map[string]any{"causes": cause, "capture": map[string]any{"method": method, "url": base + target, "headers": headers, "body": body}}
	out, _ := json.Marshal(row)
	fmt.Println(string(out))
}

func mac(text string, key []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func sign(text string) string { return base64.StdEncoding.EncodeToString(mac(text, []byte(in.Secret))) }

func main() {
	json.NewDecoder(os.Stdin).Decode(&in)
	fields := map[string]any{"sz": 0.5, "instId": "BTC-USDT", "side": "buy", "note": "a<b>&c größe", "tiny": 1e-7, "big": 1e21, "n": 3}
	plain := new(bytes.Buffer)
	encoder := json.NewEncoder(plain)
	encoder.SetEscapeHTML(false)
	encoder.Encode(fields)
	sent := string(bytes.TrimSpace(plain.Bytes()))
	escaped, _ := json.Marshal(fields)
	pretty, _ := json.MarshalIndent(fields, "", "  ")
	withNewline := new(bytes.Buffer)
	json.NewEncoder(withNewline).Encode(fields)
	post := func(cause []string, signed string) { emit(cause, "POST", order, sent, sign(in.Stamp+"POST"+order+signed)) }
	post([]string{}, sent)
	post([]string{"body-reserialised"}, string(escaped))
	post([]string{"body-reserialised"}, withNewline.String())
	post([]string{"body-reserialised"}, plain.String())
	emit([]string{"body-reserialised"}, "POST", order, `{"instId":"BTC-USDT","sz":"1"}`,
		sign(in.Stamp+"POST"+order+fmt.Sprint(map[string]any{"instId": "BTC-USDT", "sz": "1"})))
	unescaped := bytes.ReplaceAll(bytes.ReplaceAll(bytes.ReplaceAll(pretty, []byte(`\u003c`), []byte("<")), []byte(`\u003e`), []byte(">")), []byte(`\u0026`), []byte("&"))
	post([]string{"body-reserialised"}, string(unescaped))
	text := in.Stamp + "GET" + balance
	u, _ := url.Parse(base + balance + "?ccy=BTC%2CETH")
	emit([]string{"query-not-signed"}, "GET", u.RequestURI(), "", sign(in.Stamp+"GET"+u.Path))
	emit([]string{"full-url-signed"}, "GET", u.RequestURI(), "", sign(in.Stamp+"GET"+u.String()))
	values := url.Values{"uly": {"BTC-USDT"}, "instType": {"SWAP"}}
	emit([]string{"query-reordered"}, "GET", "/api/v5/account/positions?uly=BTC-USDT&instType=SWAP", "",
		sign(in.Stamp+"GET/api/v5/account/positions?"+values.Encode()))
	emit([]string{"signature-hex"}, "GET", balance, "", fmt.Sprintf("%x", mac(text, []byte(in.Secret))))
	emit([]string{"signature-bytes-repr"}, "GET", balance, "", fmt.Sprint(mac(text, []byte(in.Secret))))
	emit([]string{"signature-padding"}, "GET", balance, "", base64.RawStdEncoding.EncodeToString(mac(text, []byte(in.Secret))))
	decoded, _ := hex.DecodeString(in.Secret)
	emit([]string{"secret-decoded"}, "GET", balance, "", base64.StdEncoding.EncodeToString(mac(text, decoded)))
	at, _ := time.Parse(time.RFC3339Nano, in.Stamp)
	other := at.Add(1234 * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
	emit([]string{"timestamp-differs"}, "GET", balance, "", sign(other+"GET"+balance))
	emit([]string{"timestamp-differs"}, "GET", balance, "", sign(at.Format(time.RFC3339)+"GET"+balance))
	emit([]string{"secret-empty", "prehash-partial"}, "POST", order, sent, base64.StdEncoding.EncodeToString(mac(in.Stamp+"POST"+sent, []byte(""))))
}
