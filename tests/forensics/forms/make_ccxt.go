//go:build ignore

// The sample ccxt-go: go run make_ccxt.go ADDRESS KEY SECRET PASSPHRASE, with github.com/ccxt/ccxt/go/v4 4.5.84. That
// release sends the place of its timestamp in memory instead of the timestamp: the one of the other samples, and its
// signature, were put in.
package main

import (
	"os"

	ccxt "github.com/ccxt/ccxt/go/v4"
)

func main() {
	exchange := ccxt.NewOkx(map[string]interface{}{
		"apiKey": os.Args[2], "secret": os.Args[3], "password": os.Args[4],
	})
	exchange.Urls.(map[string]interface{})["api"].(map[string]interface{})["rest"] = os.Args[1]
	exchange.Verbose = true
	<-exchange.PrivateGetAccountBalance(map[string]interface{}{"ccy": "USDT"})
	<-exchange.PrivatePostTradeOrder(map[string]interface{}{
		"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "px": "2.15", "sz": "2",
	})
}
