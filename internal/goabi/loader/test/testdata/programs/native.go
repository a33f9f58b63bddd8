package main

import (
	"fmt"
	"net"
	"runtime/cgo"
)

// Packages with code in C, which the host has.
func main() {
	var p *cgo.Incomplete
	fmt.Println(p == nil, cgo.NewHandle("kept").Value())
	fmt.Println(net.LookupHost("127.0.0.1"))
}
