// The bot's authentication, tested without credentials and without a network: okx-doctor listens as OKX.
package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// listen starts okx-doctor and gives a bot that is pointed at it. At the test's end every request must have been one
// that OKX accepts; what okx-doctor said of the others is the failure's text.
func listen(t *testing.T) Bot {
	ready := filepath.Join(t.TempDir(), "ready.json")
	var said strings.Builder
	listener := exec.Command("okx-doctor", "listen", "--generate", "--port", "0", "--ready-file", ready)
	listener.Stdout, listener.Stderr = &said, &said
	if err := listener.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		listener.Process.Signal(os.Interrupt)
		if err := listener.Wait(); err != nil {
			t.Errorf("okx-doctor listen: %v\n%s", err, &said)
		}
	})
	var found map[string]any
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if text, err := os.ReadFile(ready); err == nil {
			if err := json.Unmarshal(text, &found); err != nil {
				t.Fatal(err)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("okx-doctor listen did not start")
		}
	}
	value := func(name string) string { return found[name].(string) }
	return Bot{value("url"), value("OKX_API_KEY"), value("OKX_SECRET_KEY"), value("OKX_PASSPHRASE")}
}

func TestTheBotReadsItsHoldingsAndPlacesAnOrder(t *testing.T) {
	bot := listen(t)
	held, err := bot.Holdings("BTC", "ETH")
	if want := map[string]string{"BTC": "0.01", "ETH": "0.2"}; err != nil || !reflect.DeepEqual(held, want) {
		t.Errorf("it holds %v (%v), not %v", held, err, want)
	}
	if number, err := bot.Buy("BTC-USDT", "0.001", "60000"); err != nil || number == "" {
		t.Errorf("no order: %v", err)
	}
}
