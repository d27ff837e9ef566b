// ccxt for Go, as it is, at OKX's own address.
package main

import (
	"os"

	ccxt "github.com/ccxt/ccxt/go/v4"
)

func main() {
	exchange := ccxt.NewOkx(map[string]interface{}{
		"apiKey":   os.Getenv("OKX_API_KEY"),
		"secret":   os.Getenv("OKX_SECRET_KEY"),
		"password": os.Getenv("OKX_PASSPHRASE"),
	})
	<-exchange.PrivateGetAccountBalance(map[string]interface{}{"ccy": "USDT"})
}
