// A small bot that signs by itself: it shows what an account holds and places one order.
// It goes where OKX_API_BASE_URL says, with OKX_API_KEY, OKX_SECRET_KEY and OKX_PASSPHRASE.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// Bot talks to one OKX account.
type Bot struct {
	URL, Key, Secret, Passphrase string
}

var client = http.Client{Timeout: 10 * time.Second}

// Holdings is what is available of each currency.
func (bot Bot) Holdings(currencies ...string) (map[string]string, error) {
	var accounts []struct {
		Details []struct{ Ccy, AvailBal string }
	}
	err := bot.call("GET", "/api/v5/account/balance?ccy="+strings.Join(currencies, ","), nil, &accounts)
	held := map[string]string{}
	for _, account := range accounts {
		for _, holding := range account.Details {
			held[holding.Ccy] = holding.AvailBal
		}
	}
	return held, err
}

// Buy places a limit order and gives its number.
func (bot Bot) Buy(instrument, size, price string) (string, error) {
	var placed []struct{ OrdId string }
	body, err := json.Marshal(map[string]string{
		"instId": instrument, "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": size, "px": price,
	})
	if err != nil {
		return "", err
	}
	if err := bot.call("POST", "/api/v5/trade/order", body, &placed); err != nil {
		return "", err
	}
	return placed[0].OrdId, nil
}

func (bot Bot) call(method, path string, body []byte, data any) error {
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	request, err := http.NewRequest(method, bot.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("OK-ACCESS-KEY", bot.Key)
	request.Header.Set("OK-ACCESS-SIGN", bot.sign(now, method, path, string(body)))
	request.Header.Set("OK-ACCESS-TIMESTAMP", now)
	request.Header.Set("OK-ACCESS-PASSPHRASE", bot.Passphrase)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Code, Msg string
		Data      json.RawMessage
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Code != "0" {
		return fmt.Errorf("OKX answers %s: %s", answer.Code, answer.Msg)
	}
	return json.Unmarshal(answer.Data, data)
}

func (bot Bot) sign(parts ...string) string {
	code := hmac.New(sha256.New, []byte(bot.Secret))
	code.Write([]byte(strings.Join(parts, "")))
	return base64.StdEncoding.EncodeToString(code.Sum(nil))
}

func main() {
	bot := Bot{
		URL:        os.Getenv("OKX_API_BASE_URL"),
		Key:        os.Getenv("OKX_API_KEY"),
		Secret:     os.Getenv("OKX_SECRET_KEY"),
		Passphrase: os.Getenv("OKX_PASSPHRASE"),
	}
	fmt.Println(bot.Holdings("BTC", "ETH"))
	fmt.Println(bot.Buy("BTC-USDT", "0.001", "1"))
}
