// Package unitobject finishes, in place, the object that the compiler made of a unit, since the
// compiler knows nothing of notebooks.
//
// What a program can see of names is what the user wrote in package main. The names that
// compiler and loader go by are others: they begin with the path of the cells' package, and
// have a number where a name was declared before. So the texts that programs see are changed,
// by texts that are never longer, so that nothing moves: those of types here ([NameTypes]),
// those of functions by the host, when it loads the object. Functions that only lead on to the
// newest version of another become wrappers ([MarkForwards]), and a unit that was compiled
// against a package with aliases gets the fingerprint of the package itself ([Refer]).
//
// Assumed: a type's name is a flag byte, its length as a varint, and the text
// (internal/abi.Name); the line of a function's start follows its kind and three more bytes
// (cmd/internal/goobj.FuncInfo), where 23 is a wrapper (internal/abi.FuncIDWrapper); an
// import's fingerprint stands in the object as it stands in the package's own.
//
// Where a release has it otherwise: %T and reflection show session.point or a numbered name,
// which is the doctor's cell "one package"; recover does not work through forwards and stacks
// show them, the doctor's cells "recover" and "stack"; the loader refuses the unit, since it
// was compiled with another version of the package. The workspace's check of its loader
// fails before a cell is compiled where the form of objects as a whole has changed.
package unitobject

import (
	"bytes"
	"unicode"
)

// NameTypes gives types their users' names. What programs see of a type's name,
// through %T, reflection and panics, is the text that its description holds. Such
// a text follows a flag byte and its length as a varint (see internal/abi.Name).
//
// Path is the package path that the object was compiled with, of at least four bytes. Names has
// the users' names by those in the object, both without their package.
func NameTypes(object []byte, path string, names map[string]string) {
	eachTypeText(object, func(text []byte) []byte {
		if !bytes.Contains(text, []byte("main.")) && !bytes.Contains(text, []byte(path+".")) {
			return text
		}
		return userNames(inMain(text, path), names)
	})
	// What the compiler writes of the package path for reflection.
	importPath := append([]byte{0, byte(len(path))}, path...)
	for at := 0; ; at++ {
		i := bytes.Index(object[at:], importPath)
		if i < 0 {
			break
		}
		at += i
		putLength(object, at+2, 1, len("main"))
		copy(object[at+2:], "main")
	}
}

// inMain has type arguments, which are written with their package's path, be of main.
func inMain(text []byte, path string) []byte {
	var out []byte
	done := 0
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(path+"."))
		if i < 0 {
			return append(out, text[done:]...)
		}
		at += i
		if inTypeArguments(text[:at]) {
			out = append(append(out, text[done:at]...), "main."...)
			done = at + len(path+".")
		}
		at += len(path + ".")
	}
}

// userNames replaces names of types of main.
func userNames(text []byte, names map[string]string) []byte {
	var out []byte
	for {
		i := bytes.Index(text, []byte("main."))
		if i < 0 {
			return append(out, text...)
		}
		i += len("main.")
		out, text = append(out, text[:i]...), text[i:]
		end := bytes.IndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(text)
		}
		if name, ok := names[string(text[:end])]; ok {
			out, text = append(out, name...), text[end:]
		}
	}
}

// inTypeArguments reports whether the end of a type's text is inside the
// brackets of an instance, as opposed to those of a map, an array or a slice.
func inTypeArguments(before []byte) bool {
	depth := 0
	for i := len(before) - 1; i > 0; i-- {
		switch before[i] {
		case ']':
			depth++
		case '[':
			if depth--; depth >= 0 {
				continue
			}
			depth = 0
			isName := before[i-1] >= 0x80 || before[i-1] == '_' || '0' <= before[i-1]|0x20 && before[i-1]|0x20 <= 'z'
			if isName && !bytes.HasSuffix(before[:i], []byte("map")) {
				return true
			}
		}
	}
	return false
}

// eachTypeText edits the texts of descriptions of types. They begin with a star, behind
// their length. The new text must not be longer than the old one.
func eachTypeText(object []byte, edit func(text []byte) []byte) {
	for start := 3; start < len(object); start++ {
		i := bytes.IndexByte(object[start:], '*')
		if i < 0 {
			return
		}
		start += i
		size, width := lengthBefore(object, start)
		if width == 0 || size == 0 || start+size > len(object) {
			continue
		}
		text := object[start:][:size]
		if bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
			continue
		}
		text = edit(text)
		putLength(object, start, width, len(text))
		copy(object[start:], text)
	}
}

// lengthBefore reads the varint that ends right before start, behind a flag
// byte, and says how many bytes it has; 0 where there is none.
func lengthBefore(b []byte, start int) (size, width int) {
	switch {
	case b[start-1] >= 0x80:
		return 0, 0
	case b[start-2] <= 1: // the flags of a type's name: exported or not
		return int(b[start-1]), 1
	case b[start-2] >= 0x80 && b[start-3] <= 1:
		return int(b[start-1])<<7 | int(b[start-2]&0x7f), 2
	}
	return 0, 0
}

// putLength replaces that varint by a smaller one of as many bytes.
func putLength(b []byte, start, width, n int) {
	if width == 1 {
		b[start-1] = byte(n)
	} else {
		b[start-1], b[start-2] = byte(n>>7), byte(n)|0x80
	}
}

// Refer makes an object that was compiled against one build of a package refer to another: both
// are given by the fingerprints of their exports.
func Refer(object []byte, compiled, linked [8]byte) {
	if at := bytes.Index(object, compiled[:]); at >= 0 {
		copy(object[at:], linked[:])
	}
}
