package main

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"text/tabwriter"

	"example.com/outside/chain"
	"example.com/outside/native"
	dotted "example.com/outside/v2.x"
	"example.com/outside/vec"
)

type handler struct{ text string }

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, h.text, r.URL.Path)
}

func main() {
	fmt.Println(vec.Add(3, 4), vec.Call(5), chain.Order, chain.Names["two"], dotted.Text, dotted.New().Len())
	rec := httptest.NewRecorder()
	handler{"path "}.ServeHTTP(rec, httptest.NewRequest("GET", "/there", nil))
	fmt.Println(rec.Code, rec.Body, http.StatusText(404))
	out, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"a"`
		B       []int    `xml:"b"`
	}{B: []int{1, 2}})
	fmt.Println(string(out), err)
	w := tabwriter.NewWriter(rec.Body, 1, 1, 1, ' ', 0)
	fmt.Fprintln(w, "a\tb")
	fmt.Println(w.Flush(), rec.Body)
	fmt.Printf("%T %v\n", dotted.New(), fmt.Stringer(dotted.New()))
	fmt.Println(native.One(), native.Root(9), native.Fail(), native.Count(2), native.Count(3), native.Word(1), native.Copy("text"))
	fmt.Println(native.Twice(21), native.Twice(22))
	fmt.Println(native.Sum(10))
	fmt.Println(native.Sum(20))
}
