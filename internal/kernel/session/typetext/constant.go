package typetext

import (
	"fmt"
	"go/constant"
	"go/types"
	"strconv"
)

// Constant writes a constant's value as an expression of a type, exactly.
func Constant(v constant.Value, t types.Type) string {
	basic, _ := t.Underlying().(*types.Basic)
	switch v.Kind() {
	case constant.String:
		return strconv.Quote(constant.StringVal(v))
	case constant.Int:
		if basic != nil && basic.Kind() == types.UntypedRune {
			if n, ok := constant.Int64Val(v); ok && n >= 0 && n <= 0x10ffff && !(0xd800 <= n && n < 0xe000) {
				return fmt.Sprintf("'\\U%08x'", n)
			}
		}
		if basic != nil && basic.Kind() == types.UntypedFloat {
			return v.ExactString() + ".0"
		}
		return v.ExactString()
	case constant.Float:
		num, den := constant.Num(v), constant.Denom(v)
		if num.Kind() == constant.Int && den.Kind() == constant.Int {
			return "(" + num.ExactString() + ".0/" + den.ExactString() + ".0)"
		}
		return v.ExactString()
	case constant.Complex:
		float := types.Typ[types.UntypedFloat]
		return "complex(" + Constant(constant.Real(v), float) + ", " + Constant(constant.Imag(v), float) + ")"
	}
	return v.ExactString()
}

// IsError reports whether a type is error.
func IsError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}
