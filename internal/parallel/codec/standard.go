package codec

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// The errors of the standard library that people compare with. A notebook's cells add those of
// the packages they import; os.ErrNotExist and its like are those of io/fs.
func init() {
	for name, variable := range map[string]*error{
		"bufio.ErrTooLong": &bufio.ErrTooLong, "bufio.ErrFinalToken": &bufio.ErrFinalToken, "bufio.ErrBufferFull": &bufio.ErrBufferFull,
		"context.Canceled": &context.Canceled, "context.DeadlineExceeded": &context.DeadlineExceeded,
		"database/sql.ErrNoRows": &sql.ErrNoRows, "database/sql.ErrTxDone": &sql.ErrTxDone, "database/sql.ErrConnDone": &sql.ErrConnDone,
		"encoding/csv.ErrFieldCount": &csv.ErrFieldCount, "encoding/csv.ErrQuote": &csv.ErrQuote, "encoding/csv.ErrBareQuote": &csv.ErrBareQuote,
		"encoding/hex.ErrLength": &hex.ErrLength, "errors.ErrUnsupported": &errors.ErrUnsupported,
		"io.EOF": &io.EOF, "io.ErrUnexpectedEOF": &io.ErrUnexpectedEOF, "io.ErrClosedPipe": &io.ErrClosedPipe, "io.ErrNoProgress": &io.ErrNoProgress,
		"io.ErrShortBuffer": &io.ErrShortBuffer, "io.ErrShortWrite": &io.ErrShortWrite,
		"io/fs.ErrInvalid": &fs.ErrInvalid, "io/fs.ErrPermission": &fs.ErrPermission, "io/fs.ErrExist": &fs.ErrExist,
		"io/fs.ErrNotExist": &fs.ErrNotExist, "io/fs.ErrClosed": &fs.ErrClosed, "io/fs.SkipDir": &fs.SkipDir, "io/fs.SkipAll": &fs.SkipAll,
		"net.ErrClosed": &net.ErrClosed, "os.ErrDeadlineExceeded": &os.ErrDeadlineExceeded, "os.ErrProcessDone": &os.ErrProcessDone,
		"os.ErrNoDeadline": &os.ErrNoDeadline, "os/exec.ErrNotFound": &exec.ErrNotFound, "os/exec.ErrDot": &exec.ErrDot,
		"os/exec.ErrWaitDelay": &exec.ErrWaitDelay, "strconv.ErrRange": &strconv.ErrRange, "strconv.ErrSyntax": &strconv.ErrSyntax,
	} {
		registry.ErrorVar(name, func() error { return *variable })
	}
	registry.ErrorType[base64.CorruptInputError]("encoding/base64.CorruptInputError")
	registry.ErrorType[*csv.ParseError]("*encoding/csv.ParseError")
	registry.ErrorType[hex.InvalidByteError]("encoding/hex.InvalidByteError")
	registry.ErrorType[*json.SyntaxError]("*encoding/json.SyntaxError")
	registry.ErrorType[*fs.PathError]("*io/fs.PathError")
	registry.ErrorType[*net.AddrError]("*net.AddrError")
	registry.ErrorType[*net.DNSError]("*net.DNSError")
	registry.ErrorType[*net.ParseError]("*net.ParseError")
	registry.ErrorType[*url.Error]("*net/url.Error")
	registry.ErrorType[*os.LinkError]("*os.LinkError")
	registry.ErrorType[*os.SyscallError]("*os.SyscallError")
	registry.ErrorType[*exec.Error]("*os/exec.Error")
	registry.ErrorType[*exec.ExitError]("*os/exec.ExitError")
	registry.ErrorType[*strconv.NumError]("*strconv.NumError")
	registry.ErrorType[syscall.Errno]("syscall.Errno")
	registry.ErrorType[*time.ParseError]("*time.ParseError")
}
