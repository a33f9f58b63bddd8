package codec

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha3"
	"crypto/x509"
	"errors"
	"fmt"
	"hash/maphash"
	"image"
	"math/big"
	randv2 "math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
	"unsafe"
)

// through sends one value through the codec.
func through[T any](t *testing.T, value T) T {
	t.Helper()
	return roundTrip(t, []T{value}).([]T)[0]
}

func TestTimesKeepTheirZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, loc := range []*time.Location{
		berlin, time.UTC, time.Local, time.FixedZone("", 3600), time.FixedZone("CET", 3600), time.FixedZone("Europe/Berlin", 3600),
		time.FixedZone("UTC", 0), time.FixedZone("odd", 12345), zoneOf(t, "Etc/GMT+5"), zoneOf(t, "America/New_York"),
	} {
		for _, at := range []time.Time{
			time.Date(2026, 1, 15, 12, 0, 0, 7, loc), time.Date(2026, 7, 15, 12, 0, 0, 0, loc), time.Date(1, 1, 1, 0, 0, 0, 0, loc),
			time.Date(-300, 2, 3, 4, 5, 6, 7, loc), time.Date(60000, 2, 3, 4, 5, 6, 7, loc),
		} {
			got := through(t, at)
			if !got.Equal(at) || got.String() != at.String() || got.Location().String() != loc.String() {
				t.Errorf("%v (%v) became %v (%v)", at, loc, got, got.Location())
			}
			if later, want := got.AddDate(0, 6, 0), at.AddDate(0, 6, 0); !later.Equal(want) || later.String() != want.String() {
				t.Errorf("half a year after %v is %v", want, later)
			}
		}
		if got := through(t, loc); got.String() != loc.String() || time.Unix(1e9, 0).In(got).String() != time.Unix(1e9, 0).In(loc).String() {
			t.Errorf("the location %v became %v", loc, got)
		}
	}
	if got := through(t, time.Time{}); got != (time.Time{}) || !got.IsZero() {
		t.Error("no time became", got)
	}
	if through(t, time.UTC) != time.UTC || through(t, time.Local) != time.Local || through(t, (*time.Location)(nil)) != nil {
		t.Error("UTC and Local are others than they were")
	}
	if now := time.Now(); !through(t, now).Equal(now) {
		t.Error("now is another time")
	}
}

func zoneOf(t *testing.T, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

type stamped struct {
	time.Time
	name string
}

type linkedTo struct {
	*url.URL
	title string
}

type ownMethods struct {
	time.Time
	name string
}

func (o ownMethods) MarshalBinary() ([]byte, error)  { return []byte("own " + o.name), nil }
func (o *ownMethods) UnmarshalBinary(b []byte) error { o.name = string(b); return nil }

// A struct that embeds a time has the time's methods, which know nothing of its other fields.
func TestMethodsOfEmbeddedFieldsAreNotTheStructs(t *testing.T) {
	at := stamped{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), "name"}
	if got := through(t, at); got != at {
		t.Errorf("%v became %v", at, got)
	}
	to := linkedTo{&url.URL{Host: "h"}, "title"}
	if got := through(t, to); got.title != "title" || *got.URL != *to.URL {
		t.Errorf("%v became %v", to, got)
	}
	if got := through(t, struct {
		time.Time
		n int
	}{at.Time, 3}); got.n != 3 {
		t.Error("a struct without a name lost a field")
	}
	if got := through(t, ownMethods{at.Time, "x"}); got.name != "own x" {
		t.Error("a struct's own methods are not used:", got)
	}
}

// The types of the standard library with a binary form of their own, and others that have an
// inside which a textual form forgets: either they arrive as they were, or they are refused.
func TestNothingOfTheStandardLibraryIsLostInSilence(t *testing.T) {
	same := func(name string, ok bool, got any) {
		t.Helper()
		if !ok {
			t.Errorf("%s became %v", name, got)
		}
	}
	for _, u := range []url.URL{
		{}, {Scheme: "http", User: url.UserPassword("a", "b"), Host: "h:1", Path: "/a b", RawPath: "/a%20b", ForceQuery: true, Fragment: "f"},
		{Opaque: "x@y", Scheme: "mailto"}, {Host: "not a host"}, {OmitHost: true, Path: "//x", Scheme: "f"}, {Fragment: "a/b", RawFragment: "a%2Fb"},
	} {
		got := through(t, u)
		same("a URL", reflect.DeepEqual(got, u), got)
	}
	for _, a := range []netip.Addr{{}, netip.MustParseAddr("1.2.3.4"), netip.MustParseAddr("::ffff:1.2.3.4"), netip.MustParseAddr("fe80::1%eth0")} {
		same("an address", through(t, a) == a, through(t, a))
		port := netip.AddrPortFrom(a, 80)
		same("an address with a port", through(t, port) == port, through(t, port))
		for _, bits := range []int{-1, 0, 24, 500} {
			prefix := netip.PrefixFrom(a, bits)
			same("a prefix", through(t, prefix) == prefix, through(t, prefix))
		}
	}
	for _, ip := range []net.IP{nil, {}, net.IPv4(1, 2, 3, 4), net.IPv4(1, 2, 3, 4).To4()} {
		same("an IP", reflect.DeepEqual(through(t, ip), ip), through(t, ip))
	}
	f := new(big.Float).SetPrec(70).SetMode(big.ToZero)
	f.Quo(f.SetInt64(-1), big.NewFloat(3))
	for _, f := range []*big.Float{f, new(big.Float).SetInf(true), new(big.Float).Neg(new(big.Float)), new(big.Float)} {
		got := through(t, f)
		same("a Float", got.Cmp(f) == 0 && got.Prec() == f.Prec() && got.Mode() == f.Mode() && got.Acc() == f.Acc() && got.Signbit() == f.Signbit(), got)
	}
	same("a Rat", through(t, big.NewRat(-3, 7)).String() == "-3/7", through(t, big.NewRat(-3, 7)))
	re := regexp.MustCompile("a|ab|abc")
	re.Longest()
	same("a Regexp", through(t, re).FindString("abc") == "abc" && through(t, re).String() == re.String(), through(t, re))
	buffer := bytes.NewBufferString("hello")
	buffer.Next(2)
	same("a Buffer", through(t, buffer).String() == "llo" && through(t, buffer).UnreadByte() == nil, through(t, buffer))
	reader := strings.NewReader("hello")
	reader.ReadRune()
	same("a Reader", through(t, reader).Len() == 4, through(t, reader))
	pcg := randv2.NewPCG(1, 2)
	pcg.Uint64()
	same("a PCG", through(t, pcg).Uint64() == pcg.Uint64(), pcg)
	chacha := randv2.NewChaCha8([32]byte{1})
	chacha.Read(make([]byte, 3))
	got := through(t, chacha)
	same("a ChaCha8", got.Uint64() == chacha.Uint64(), got)
	oid, _ := x509.OIDFromInts([]uint64{1, 2, 3})
	same("an OID", through(t, oid).String() == "1.2.3" && through(t, x509.OID{}).String() == x509.OID{}.String(), through(t, oid))
	sha := sha3.New256()
	sha.Write([]byte("abc"))
	same("a SHA3", bytes.Equal(through(t, sha).Sum(nil), sha.Sum(nil)), nil)
	shake := sha3.NewSHAKE128()
	shake.Write([]byte("abc"))
	shake.Read(make([]byte, 5))
	a, b, twin := make([]byte, 9), make([]byte, 9), through(t, shake)
	shake.Read(a)
	twin.Read(b)
	same("a SHAKE", bytes.Equal(a, b), twin)
	picture := image.NewRGBA(image.Rect(1, 2, 5, 6)).SubImage(image.Rect(2, 3, 4, 5)).(*image.RGBA)
	same("an RGBA", reflect.DeepEqual(through(t, picture), picture), nil)

	for _, typ := range []reflect.Type{reflect.TypeFor[maphash.Hash](), reflect.TypeFor[maphash.Seed](), reflect.TypeFor[randv2.Rand](),
		reflect.TypeFor[time.Timer](), reflect.TypeFor[*net.TCPConn](), reflect.TypeFor[net.OpError]()} {
		var refusal *Refusal
		if _, err := For(typ); !errors.As(err, &refusal) {
			t.Error(fmt.Sprint(typ), "is not refused:", err)
		}
	}
	// What a field of any type holds is looked at when it does.
	how, err := For(reflect.TypeFor[x509.Certificate]())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := how.Encode(unsafe.Pointer(&x509.Certificate{PublicKey: &rsa.PublicKey{E: 3}}), 1); err == nil || !strings.Contains(err.Error(), "rsa.PublicKey, which engines do not know by name") {
		t.Error(err)
	}
}
