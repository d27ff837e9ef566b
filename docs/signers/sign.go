// Put your own signing code into sign; run: okx-doctor test-signer -- go run sign.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
)

type request struct {
	Timestamp, Method, Path, Body, Secret string
}

func sign(r request) string {
	mac := hmac.New(sha256.New, []byte(r.Secret))
	mac.Write([]byte(r.Timestamp + strings.ToUpper(r.Method) + r.Path + r.Body))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func main() {
	for lines := json.NewDecoder(os.Stdin); ; {
		var r request
		if err := lines.Decode(&r); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sign(r))
	}
}
