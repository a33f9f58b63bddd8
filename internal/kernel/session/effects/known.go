package effects

import (
	"go/types"
	"slices"
	"strings"
)

// A rule is what is known of an imported function. The zero value is for one
// that only looks at what it is given.
type rule struct {
	why      string // why it always counts: the rest of "f …"
	receiver bool   // it changes its receiver
	all      bool   // it can change each argument
	args     []int  // the arguments that it changes otherwise
	top      bool   // it changes only the memory itself that these point to, not what is behind
	copies   bool   // neither its results nor what it changes keep what it was given
	chains   bool   // it returns its receiver
	methods  bool   // it calls methods, such as String, of what is in interfaces
}

// changes reports whether the function changes argument i.
func (r rule) changes(i int) bool { return r.all || slices.Contains(r.args, i) }

// calls reports whether it may call whatever methods the values have that it
// gets.
func (r rule) calls() bool { return r.receiver || r.all || len(r.args) > 0 }

// ruleOf reads a rule as the tables have it: words that name its fields, digits
// for args, "-" for one that only looks.
func ruleOf(words string) (r rule) {
	if why, ok := strings.CutPrefix(words, "! "); ok {
		return rule{why: why}
	}
	for word := range strings.FieldsSeq(words) {
		switch word {
		case "all":
			r.receiver, r.all = true, true
		case "receiver":
			r.receiver = true
		case "top":
			r.top = true
		case "copies":
			r.copies = true
		case "chains":
			r.chains = true
		case "methods":
			r.methods = true
		case "0", "1", "2":
			r.args = append(r.args, int(word[0]-'0'))
		}
	}
	return r
}

// ruleFor returns what is known of an imported function or method: by its own
// name, by its type's, or by its package's.
func ruleFor(fn *types.Func) rule {
	path, recv := "", fn.Origin().Signature().Recv()
	if fn.Pkg() != nil {
		path = fn.Pkg().Path()
	}
	name, typ := path+"."+fn.Name(), ""
	if recv != nil {
		if typ = typeName(deref(recv.Type())); typ == "" {
			return ruleOf("all") // a method of an interface without a name
		}
		name = typ + "." + fn.Name()
	}
	if words, ok := exact[name]; ok {
		return ruleOf(words)
	}
	if words, ok := byType[typ]; ok && recv != nil {
		if fillsByName(fn.Name()) {
			return ruleOf("all")
		}
		return ruleOf(words)
	}
	words, ok := byPackage[path]
	switch {
	case !ok:
		return rule{why: "may change what package " + path + " keeps"}
	case strings.HasPrefix(words, "!"):
		return ruleOf(words)
	case recv != nil && types.IsInterface(recv.Type()), changesByName(path, fn.Name()):
		return ruleOf("all")
	case recv == nil:
		return ruleOf(words)
	}
	switch recv.Type().Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Slice:
		if !strings.Contains(words, "all") {
			words += " receiver top"
		}
	}
	return ruleOf(words)
}

// changesByName reports whether a function's name suggests that it writes to
// what it is given. Those that do not are in the tables.
func changesByName(path, name string) bool {
	if path == "sync/atomic" {
		return !strings.HasPrefix(name, "Load")
	}
	for _, prefix := range []string{"Append", "Copy", "Decode", "Encode", "Fill", "Fscan", "Put", "Read", "Scan", "Set", "Sscan", "Unmarshal", "Write"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// fillsByName is the same for methods of the types in the table.
func fillsByName(name string) bool {
	for _, prefix := range []string{"Append", "Decode", "Gob", "Read", "Scan", "Unmarshal"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

const (
	prints   = "! prints"
	ends     = "! ends the process"
	process  = "! may change the process"
	readsKey = "! reads the standard input"
)

// byPackage says what the functions of a package do; its methods change their
// receivers as well, where these are pointers, maps or slices.
var byPackage = map[string]string{
	"archive/tar": "all", "archive/zip": "all", "bufio": "all", "bytes": "-", "cmp": "-", "compress/bzip2": "all",
	"compress/flate": "all", "compress/gzip": "all", "compress/lzw": "all", "compress/zlib": "all",
	"container/heap": "0 top", "container/list": "-", "container/ring": "all", "context": "all",
	"crypto/aes": "copies", "crypto/cipher": "all", "crypto/hmac": "copies", "crypto/md5": "copies", "crypto/rand": "all",
	"crypto/sha1": "copies", "crypto/sha256": "copies", "crypto/sha3": "copies", "crypto/sha512": "copies", "crypto/subtle": "-",
	"encoding": "all", "encoding/base32": "copies", "encoding/base64": "copies", "encoding/binary": "all", "encoding/csv": "all",
	"encoding/hex": "copies", "encoding/json": "all copies methods", "encoding/xml": "all copies methods",
	"errors": "-", "fmt": "copies methods", "hash/adler32": "copies", "hash/crc32": "copies", "hash/crc64": "copies",
	"hash/fnv": "copies", "hash/maphash": "copies", "html": "-", "image": "-", "image/color": "-", "image/draw": "all",
	"image/gif": "all", "image/jpeg": "all", "image/png": "all", "index/suffixarray": "-", "io": "all", "io/fs": "all", "iter": "-",
	"log": prints, "log/slog": prints, "maps": "-", "math": "-", "math/big": "-", "math/bits": "-", "math/cmplx": "-",
	"math/rand": "-", "math/rand/v2": "-", "net/netip": "-", "net/url": "-", "os": process, "os/exec": "all", "os/signal": process,
	"path": "-", "path/filepath": "-", "reflect": "all methods", "regexp": "-", "runtime": process, "runtime/debug": process,
	"slices": "-", "sort": "-", "strconv": "-", "strings": "copies", "sync": "-", "sync/atomic": "-", "syscall": process,
	"text/scanner": "all", "text/tabwriter": "all", "time": "-", "unicode": "-", "unicode/utf16": "-", "unicode/utf8": "-",
	"unique": "-",
}

// byType says what the methods of a type do.
var byType = map[string]string{
	"bufio.Writer": "receiver copies", "bytes.Buffer": "receiver top copies", "context.Context": "-",
	"encoding/base32.Encoding": "-", "encoding/base64.Encoding": "-", "error": "-", "hash.Hash": "receiver top copies",
	"hash.Hash32": "-", "hash.Hash64": "-", "log.Logger": "all", "math/big.Float": "receiver top copies chains",
	"math/big.Int": "receiver top copies chains", "math/big.Rat": "receiver top copies chains", "net/http.Client": "copies",
	"net/http.Cookie": "all", "net/http.Header": "all", "net/http.Request": "all", "net/http.Response": "all",
	"net/url.URL": "copies", "os.File": "all", "regexp.Regexp": "copies", "strings.Builder": "receiver top copies",
	"strings.Replacer": "-", "sync.Mutex": "receiver top copies", "sync.Once": "receiver top copies",
	"sync.RWMutex": "receiver top copies", "sync.WaitGroup": "receiver top copies", "time.Location": "-", "time.Time": "-",
}

// exact says what functions and methods do that differ from others of their
// package or type.
var exact = table(map[string]string{
	"bytes.":                        "Clone Join Map Repeat Replace ReplaceAll Title ToLower ToTitle ToUpper ToValidUTF8: copies",
	"bytes.Buffer.":                 "Available Bytes Cap Len: -; AvailableBuffer Next: receiver; Read: receiver 0; ReadFrom WriteTo: all; String: copies",
	"container/list.Element.":       "Next Prev: -",
	"container/list.List.":          "Back Front Len: -",
	"context.":                      "Background TODO Cause: -",
	"crypto/subtle.":                "ConstantTimeCopy XORBytes: all",
	"encoding/base32.Encoding.":     "AppendDecode AppendEncode Decode Encode: 0; DecodeString EncodeToString: copies",
	"encoding/base64.Encoding.":     "AppendDecode AppendEncode Decode Encode: 0; DecodeString EncodeToString: copies",
	"encoding/binary.":              "Size Uvarint Varint: -",
	"encoding/binary.bigEndian.":    "Uint16 Uint32 Uint64: -",
	"encoding/binary.littleEndian.": "Uint16 Uint32 Uint64: -",
	"encoding/hex.":                 "DecodeString Dump EncodeToString: copies",
	"encoding/json.":                "Marshal MarshalIndent Valid: copies methods; Unmarshal: 1 copies methods",
	"encoding/json.Encoder.":        "Encode: receiver copies methods",
	"encoding/xml.":                 "Marshal MarshalIndent: copies methods; Unmarshal: 1 copies methods",
	"errors.":                       "As: 1 methods; Is: methods",
	"fmt.":                          "Append Appendf Appendln: 0 methods; Fprint Fprintf Fprintln: 0 copies methods; Print Printf Println: " + prints + "; Scan Scanf Scanln: " + readsKey,
	"hash.Hash.":                    "BlockSize Size: -; Sum: 0 top",
	"archive/zip.":                  "RegisterCompressor RegisterDecompressor: ! may change what package archive/zip keeps",
	"image.":                        "RegisterFormat: ! may change what package image keeps",
	"image/png.":                    "Encode: 0",
	"image/jpeg.":                   "Encode: 0",
	"io.":                           "WriteString: 0 copies",
	"io.StringWriter.":              "WriteString: receiver copies",
	"io.Writer.":                    "Write: receiver copies",
	"log.":                          "Fatal Fatalf Fatalln: " + ends + "; New: all",
	"maps.":                         "Clone Collect: copies; Copy DeleteFunc Insert: 0 top",
	"math/big.Float.":               "Cmp Float32 Float64 Format IsInf IsInt MinPrec Mode Prec Sign Signbit String Text Uint64: copies; Append: 0; Int Rat: all",
	"math/big.Int.": "Bit BitLen Bytes Cmp CmpAbs Float64 Format Int64 IsInt64 IsUint64 MarshalJSON MarshalText ProbablyPrime Sign String Text TrailingZeroBits Uint64: copies; " +
		"Append FillBytes: 0; Bits: -; DivMod QuoRem: receiver 2 top copies; GCD: receiver 0 1 top copies chains; SetBits: receiver",
	"math/big.Rat.":   "Cmp Denom Float32 Float64 FloatString IsInt Num RatString Sign String: -",
	"math/rand.":      "Read: 0; Seed: ! changes the process's random numbers",
	"net/http.":       "Get Head NewRequest NewRequestWithContext Post PostForm StatusText: -",
	"net/url.":        "QueryEscape QueryUnescape: -",
	"net/url.Values.": "Encode Get Has: copies",
	"os.": "Create CreateTemp DirFS Environ Executable Expand ExpandEnv Getenv Getpid Getwd Hostname IsExist IsNotExist LookupEnv Lstat Mkdir MkdirAll MkdirTemp Open OpenFile " +
		"ReadDir ReadFile Readlink Remove RemoveAll Rename SameFile Stat TempDir Truncate UserCacheDir UserConfigDir UserHomeDir WriteFile: -; Exit: " + ends,
	"os.File.":       "Fd Name: -",
	"reflect.":       "DeepEqual TypeFor TypeOf: -",
	"regexp.Regexp.": "Find FindAll FindAllSubmatch FindSubmatch: -; Expand ExpandString: 0; Longest: receiver",
	"runtime.":       "Caller GC Gosched KeepAlive NumCPU NumGoroutine Version: -; Goexit: ! ends the goroutine",
	"slices.": "Clone Collect Concat Repeat Sorted SortedFunc SortedStableFunc: copies; " +
		"AppendSeq Compact CompactFunc Delete DeleteFunc Insert Replace Reverse Sort SortFunc SortStableFunc: 0 top",
	"sort.":                "Float64s Ints Slice SliceStable Sort Stable Strings: 0 top",
	"sort.Float64Slice.":   "Len Less: -",
	"sort.IntSlice.":       "Len Less: -",
	"sort.StringSlice.":    "Len Less: -",
	"strings.Builder.":     "Cap Len String: copies",
	"strings.Reader.":      "Len Size: -",
	"strings.Replacer.":    "WriteString: 0 copies",
	"sync.Pool.":           "Put: receiver top",
	"sync/atomic.Value.":   "Load: -",
	"syscall.":             "Exit: " + ends,
	"unicode.SpecialCase.": "ToLower ToTitle ToUpper: -",
	"unicode/utf8.":        "DecodeLastRune DecodeRune: -",
	"unicode/utf16.":       "Decode DecodeRune Encode EncodeRune: copies",
})

// table unfolds "name name: rule; name: rule", by what stands before the names.
func table(groups map[string]string) map[string]string {
	rules := make(map[string]string)
	for prefix, text := range groups {
		for group := range strings.SplitSeq(text, "; ") {
			names, words, _ := strings.Cut(group, ": ")
			for name := range strings.FieldsSeq(names) {
				rules[prefix+name] = words
			}
		}
	}
	return rules
}
