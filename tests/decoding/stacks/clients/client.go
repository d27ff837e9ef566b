// Go's clients, one after another, against one address: how each says that it failed.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
)

func wait() time.Duration {
	seconds, _ := time.ParseDuration(os.Getenv("WAIT") + "s")
	return seconds
}

func headers() http.Header {
	return http.Header{"Ok-Access-Key": {"k"}, "Ok-Access-Passphrase": {os.Getenv("PASSPHRASE")}}
}

func useHTTP(url string) error {
	asked, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return err
	}
	asked.Header = headers()
	client := http.Client{Timeout: wait()}
	answer, err := client.Do(asked)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.ReadAll(answer.Body)
	return err
}

func useContext(url string) error {
	ctx, stop := context.WithTimeout(context.Background(), wait())
	defer stop()
	asked, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	asked.Header = headers()
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		return fmt.Errorf("okx: get balance: %w", err)
	}
	defer answer.Body.Close()
	_, err = io.ReadAll(answer.Body)
	return err
}

func useGorilla(url string) error {
	dialer := gorilla.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: wait()}
	conn, _, err := dialer.Dial(strings.Replace(url, "http", "ws", 1), headers())
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.WriteMessage(gorilla.TextMessage, []byte("ping"))
	conn.SetReadDeadline(time.Now().Add(wait()))
	_, _, err = conn.ReadMessage()
	return err
}

func useCoder(url string) error {
	ctx, stop := context.WithTimeout(context.Background(), wait())
	defer stop()
	conn, _, err := websocket.Dial(ctx, strings.Replace(url, "http", "ws", 1), &websocket.DialOptions{HTTPHeader: headers()})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	conn.Write(ctx, websocket.MessageText, []byte("ping"))
	_, _, err = conn.Read(ctx)
	return err
}

func main() {
	uses := map[string]func(string) error{
		"net/http": useHTTP, "net/http context": useContext, "gorilla/websocket": useGorilla, "coder/websocket": useCoder,
	}
	for _, name := range os.Args[1:] {
		line, trace := "", ""
		if err := uses[name](os.Getenv("TARGET")); err != nil {
			line = err.Error()
			var logged strings.Builder
			log.New(&logged, "", log.LstdFlags).Println(err)
			trace = logged.String()
		}
		fmt.Printf("\x1e%s\x1f%s\n\x1f%s\x1f%s\n", name, runtime.Version(), line, trace)
	}
}
