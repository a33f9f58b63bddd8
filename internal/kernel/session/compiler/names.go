package compiler

import "bytes"

// What a program can see of names is what the user wrote in package main. The
// names that compiler and loader go by are others: they begin with the path of the
// cells' package, and have a number where a name was declared before. So the texts
// that programs see are changed: those of types here, in the object, and those of
// functions by the host, when it loads the object.

// importPath is what the compiler writes of the package path for reflection: a
// flag byte, the length, and the path.
const importPath = "\x00\x07" + SymbolPath

// NameTypes gives types their users' names. What programs see of a type's name,
// through %T, reflection and panics, is the text that its description holds. Such
// a text follows a flag byte and its length as a varint (see internal/abi.Name).
//
// Names has the users' names by those in the object, both without their package.
func NameTypes(object []byte, names map[string]string) {
	for symbol, name := range names {
		symbol = "main." + symbol
		renameIn(object, symbol, func(text []byte) []byte {
			return bytes.ReplaceAll(text, []byte(symbol), []byte("main."+name))
		})
	}
	// Type arguments are written with their package's path.
	renameIn(object, SymbolPath+".", func(text []byte) []byte {
		var out []byte
		for i := 0; i < len(text); {
			if bytes.HasPrefix(text[i:], []byte(SymbolPath+".")) && inTypeArguments(text[:i]) {
				out = append(out, "main."...)
				i += len(SymbolPath + ".")
				continue
			}
			out = append(out, text[i])
			i++
		}
		for symbol, name := range names {
			out = bytes.ReplaceAll(out, []byte("main."+symbol), []byte("main."+name))
		}
		return out
	})
	for at := 0; ; at++ {
		i := bytes.Index(object[at:], []byte(importPath))
		if i < 0 {
			break
		}
		at += i
		putLength(object, at+2, 1, len("main"))
		copy(object[at+2:], "main")
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

// renameIn edits the texts of type descriptions that contain a word. The new
// text must not be longer than the old one.
func renameIn(object []byte, word string, edit func(text []byte) []byte) {
	for at := 0; ; {
		i := bytes.Index(object[at:], []byte(word))
		if i < 0 {
			return
		}
		hit := at + i
		at = hit + len(word)
		// The text around the hit begins with a star, where a length before it
		// covers it. Other mentions, in the table of symbols, have no length.
		// No text is longer than two bytes of a varint can say.
		for start := hit; start > max(3, hit-1<<14) && object[start] >= ' '; start-- {
			if object[start] != '*' {
				continue
			}
			size, width := lengthBefore(object, start)
			if width == 0 || start+size < at || start+size > len(object) {
				continue
			}
			text := edit(object[start : start+size])
			putLength(object, start, width, len(text))
			copy(object[start:], text)
			break
		}
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
