// Wordcount counts the words of all text files below a folder. The files stream to the engines, so it matters
// little how many there are; a file that cannot be read is told of, and the others count.
//
//	go run ./examples/wordcount -n 10 docs
package main

import (
	"bufio"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"iter"
	"log"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/goparallel/goparallel/parallel"
)

// count counts the words of a file.
var count = parallel.FuncErr("count", func(path string) (map[string]int, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	words := map[string]int{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		for word := range strings.FieldsFuncSeq(lines.Text(), func(r rune) bool { return !unicode.IsLetter(r) }) {
			words[strings.ToLower(word)]++
		}
	}
	return words, lines.Err()
})

func main() {
	parallel.Init()
	n := flag.Int("n", 10, "how many words to print")
	flag.Parse()
	words, failed, err := countAll(cmp.Or(flag.Arg(0), "."))
	if err != nil {
		log.Fatal(err)
	}
	for _, err := range failed {
		fmt.Fprintln(os.Stderr, err)
	}
	often := slices.SortedFunc(maps.Keys(words), func(a, b string) int { return cmp.Or(cmp.Compare(words[b], words[a]), cmp.Compare(a, b)) })
	for _, word := range often[:min(*n, len(often))] {
		fmt.Printf("%7d %s\n", words[word], word)
	}
}

// countAll counts the words below a folder, and returns why files are left out.
func countAll(folder string) (words map[string]int, failed []error, err error) {
	rc, err := parallel.Start(context.Background(), runtime.NumCPU())
	if err != nil {
		return nil, nil, err
	}
	defer rc.Close()
	words = map[string]int{}
	for _, file := range rc.LoadBalanced().SeqErr(count, texts(folder, &err), parallel.Arriving()) {
		if file.Err != nil {
			failed = append(failed, file.Err)
			continue
		}
		for word, n := range file.Value {
			words[word] += n
		}
	}
	return words, failed, err
}

// texts lists the text files below a folder; err is why it ends early.
func texts(folder string, err *error) iter.Seq[string] {
	return func(yield func(string) bool) {
		walkErr := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if ext := filepath.Ext(path); d.IsDir() || ext != ".md" && ext != ".txt" {
				return nil
			}
			if !yield(path) {
				return fs.SkipAll
			}
			return nil
		})
		if walkErr != nil {
			*err = walkErr
		}
	}
}
