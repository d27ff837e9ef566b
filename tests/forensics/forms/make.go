// Prints two requests as Go's httputil dumps them, or as fmt does: go run make.go BASE_URL REQUESTS_JSON FORM
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"os"
	"strings"
)

type one struct {
	Method, Target, Body string
	Headers              map[string]string
}

func main() {
	var all []one
	if err := json.Unmarshal([]byte(os.Args[2]), &all); err != nil {
		panic(err)
	}
	for _, each := range all {
		var request *http.Request
		if each.Body == "" {
			request, _ = http.NewRequest(each.Method, os.Args[1]+each.Target, nil)
		} else {
			request, _ = http.NewRequest(each.Method, os.Args[1]+each.Target, strings.NewReader(each.Body))
		}
		for name, value := range each.Headers {
			request.Header.Set(name, value)
		}
		switch os.Args[3] {
		case "go-headers":
			fmt.Println(request.Method, request.URL)
			fmt.Println(request.Header)
			fmt.Println("body:", each.Body)
		case "go-request":
			fmt.Printf("%+v\nbody: %s\n", request, each.Body)
		default:
			dump, err := httputil.DumpRequestOut(request, true)
			if err != nil {
				panic(err)
			}
			fmt.Printf("%s\n\n", dump)
		}
	}
}
