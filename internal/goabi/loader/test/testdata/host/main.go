// Command host stands for the process that runs cells: it loads the objects of
// its arguments, each by path.function=file, in turn. The first argument lists
// compiled packages; another list for what follows is config=file. With -stress it does so while
// goroutines allocate, panic and recurse, the collector runs and a profile is
// taken.
package main

import (
	"context"
	"fmt"
	"io"
	_ "net" // which has code in C that the host has
	"os"
	_ "plugin"
	"runtime"
	_ "runtime/cgo"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/goabi/loader"
	"github.com/goparallel/goparallel/internal/kernel/host/native"
)

func main() {
	args, stress := os.Args[1:], false
	if args[0] == "-stress" {
		args, stress = args[1:], true
	}
	program, err := os.Executable()
	if err != nil {
		fail(err)
	}
	l, err := loader.New(program, func(symbol string) string {
		path, name, _ := strings.Cut(symbol, ".")
		if strings.HasPrefix(path, "unit") {
			return "main." + name
		}
		return symbol
	}, func(path string) (string, error) { return path, nil }, native.Open)
	if err != nil {
		fail(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if stress {
		disturb(ctx)
	}
	for _, arg := range args[1:] {
		entry, file, _ := strings.Cut(arg, "=")
		if entry == "config" {
			args[0] = file
			continue
		}
		path, _, _ := strings.Cut(entry, ".")
		if err := l.Load(file, path, args[0], entry); err != nil {
			fail(err)
		}
	}
	cancel()
}

func fail(err error) {
	fmt.Println("error:", err)
	os.Exit(1)
}

// disturb does what may go wrong at any moment of a load, until ctx ends.
func disturb(ctx context.Context) {
	debug.SetGCPercent(1)
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		fail(err)
	}
	again := func(do func()) {
		go func() {
			for ctx.Err() == nil {
				do()
			}
		}()
	}
	again(runtime.GC)
	again(func() { garbage = make([]*[64]int, 100); garbage[0] = new([64]int) })
	again(func() {
		defer func() { _ = recover() }()
		var p *int
		*p = deep(1000)
	})
	again(func() {
		done := make(chan int)
		go func() { done <- deep(5000) }()
		<-done
		time.Sleep(time.Millisecond)
	})
	again(func() { buf := make([]byte, 1<<16); runtime.Stack(buf, true); time.Sleep(5 * time.Millisecond) })
}

var garbage []*[64]int

func deep(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + deep(n-1)
}
