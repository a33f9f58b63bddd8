package codec

import (
	"fmt"
	"math"
	"reflect"
	"sync"
	"time"
	"unsafe"
)

// A time's own MarshalBinary keeps how far its zone is from UTC and forgets which zone it is, so that half
// a year later it is an hour off. Here it is written as
//
//	[seconds, nanoseconds, location]
//
// with a location as *time.Location is written everywhere:
//
//	0                       UTC
//	[offset, abbreviation]  Local, with what it is here at this time; where it is another, that
//	                        becomes a fixed zone
//	name                    one of the time zone database
//	[fields…]               any other, such as a fixed zone
//
// What the monotonic clock said is not kept: it means nothing in another process.

var (
	timeType     = reflect.TypeFor[time.Time]()
	locationType = reflect.TypeFor[*time.Location]()
	zoneType     = reflect.TypeFor[time.Location]()
)

// clock is the node of time.Time.
func (n *node) clock(b *builder, path string) error {
	n.min = 4
	fields, err := b.build(zoneType, path)
	if err != nil {
		return err
	}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		t := *(*time.Time)(p)
		e.head(majorArray, 3)
		e.int(t.Unix())
		e.int(int64(t.Nanosecond()))
		return e.location(t.Location(), t, fields)
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		if parts, err := d.head(majorArray); err != nil || parts != 3 {
			return errShape
		}
		seconds, err := d.int()
		if err != nil {
			return err
		}
		nanoseconds, err := d.int()
		if err != nil || nanoseconds < 0 || nanoseconds >= 1e9 {
			return errShape
		}
		t := time.Unix(seconds, nanoseconds)
		loc, err := d.location(t, fields)
		if err == nil {
			*(*time.Time)(p) = t.In(loc)
		}
		return err
	}
	return nil
}

// location is the node of *time.Location.
func (n *node) location(b *builder, path string) error {
	fields, err := b.build(zoneType, path)
	if err != nil {
		return err
	}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		loc := *(**time.Location)(p)
		if loc == nil {
			e.buf = append(e.buf, simpleNull)
			return nil
		}
		return e.location(loc, time.Now(), fields)
	}
	n.decode = func(d *decoder, p unsafe.Pointer) (err error) {
		if !d.null() {
			*(**time.Location)(p), err = d.location(time.Now(), fields)
		}
		return err
	}
	return nil
}

// location writes a location that is used at a time.
func (e *encoder) location(loc *time.Location, at time.Time, fields *node) error {
	at = at.In(loc)
	switch {
	case loc == time.UTC:
		e.head(majorUint, 0)
	case loc == time.Local:
		name, offset := at.Zone()
		e.head(majorArray, 2)
		e.int(int64(offset))
		e.bytes([]byte(name))
	default:
		if start, end := at.ZoneBounds(); !start.IsZero() || !end.IsZero() { // it changes
			if named, err := zone(loc.String()); err == nil && alike(at, at.In(named)) {
				e.bytes([]byte(loc.String()))
				return nil
			}
		}
		return fields.encode(e, unsafe.Pointer(loc))
	}
	return nil
}

// zones are those of the time zone database that were met, by name.
var zones sync.Map

// zone returns a location of the time zone database.
func zone(name string) (*time.Location, error) {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	known, _ := zones.LoadOrStore(name, loc)
	return known.(*time.Location), nil
}

// alike reports whether two times are in the same zone, as far as their next changes.
func alike(a, b time.Time) bool {
	name, offset := a.Zone()
	otherName, otherOffset := b.Zone()
	start, end := a.ZoneBounds()
	otherStart, otherEnd := b.ZoneBounds()
	return name == otherName && offset == otherOffset && start.Equal(otherStart) && end.Equal(otherEnd)
}

// location reads a location that is used at a time.
func (d *decoder) location(at time.Time, fields *node) (*time.Location, error) {
	if len(d.data) == 0 {
		return nil, errShape
	}
	switch first := d.data[0]; {
	case first == majorUint:
		d.data = d.data[1:]
		return time.UTC, nil
	case first&0xe0 == majorBytes:
		name, err := d.bytes()
		if err != nil {
			return nil, err
		}
		loc, err := zone(string(name))
		if err != nil {
			err = fmt.Errorf("a time is in a zone that is not known here: %w", err)
		}
		return loc, err
	case first == majorArray|2:
		d.data = d.data[1:]
		offset, err := d.int()
		if err != nil || offset != int64(int32(offset)) {
			return nil, errShape
		}
		name, err := d.bytes()
		if err != nil {
			return nil, err
		}
		if here, local := at.Local().Zone(); here == string(name) && local == int(offset) {
			return time.Local, nil
		}
		return time.FixedZone(string(name), int(offset)), nil
	}
	loc := new(time.Location)
	return loc, fields.decode(d, unsafe.Pointer(loc))
}

// int appends an integer.
func (e *encoder) int(v int64) {
	if v < 0 {
		e.head(majorInt, uint64(-1-v))
	} else {
		e.head(majorUint, uint64(v))
	}
}

// int reads an integer.
func (d *decoder) int() (int64, error) {
	if v, err := d.head(majorUint); err == nil && v <= math.MaxInt64 {
		return int64(v), nil
	}
	v, err := d.head(majorInt)
	if err != nil || v > math.MaxInt64 {
		return 0, errShape
	}
	return -1 - int64(v), nil
}
