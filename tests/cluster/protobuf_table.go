//go:build ignore

// Prints how the types of built-in kinds are written in Protobuf, a line for each: what testing/built_in_protobuf.ts is
// made of. Go's types alone know it all: the numbers of fields, which of them are pointers, and what is inlined.
package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

// special are types that JSON does not write as it would write their fields.
var special = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():    "Q",
	reflect.TypeFor[intstr.IntOrString]():   "I",
	reflect.TypeFor[metav1.Time]():          "T",
	reflect.TypeFor[metav1.MicroTime]():     "T",
	reflect.TypeFor[runtime.RawExtension](): "R",
	reflect.TypeFor[metav1.FieldsV1]():      "R",
	reflect.TypeFor[runtime.Unknown]():      "R",
}

var lines = map[string]string{}

func main() {
	for kind, t := range scheme.Scheme.AllKnownTypes() {
		if kind.Version != runtime.APIVersionInternal && !strings.HasSuffix(kind.Kind, "List") {
			nameOf(t)
		}
	}
	names := make([]string, 0, len(lines))
	for name := range lines {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Println(name + lines[name])
	}
}

// nameOf is core_v1.Pod for that struct, which it describes if that has not been done.
func nameOf(t reflect.Type) string {
	path := strings.Split(t.PkgPath(), "/")
	name := path[len(path)-2] + "_" + path[len(path)-1] + "." + t.Name()
	if _, known := lines[name]; known {
		return name
	}
	lines[name] = "" // it may contain itself
	var text strings.Builder
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("protobuf"), ",")
		if len(tag) < 2 {
			continue // the kind and version, which are written elsewhere
		}
		json, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if strings.Contains(options, "inline") {
			json = ""
		}
		mark := ""
		if field.Type.Kind() == reflect.Pointer || !strings.Contains(options, "omitempty") {
			mark = "*"
		}
		fmt.Fprintf(&text, " %s:%s:%s%s", tag[1], json, mark, typeOf(field.Type))
	}
	lines[name] = text.String()
	return name
}

func typeOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if text, is := special[t]; is {
		return text
	}
	switch t.Kind() {
	case reflect.String:
		return "s"
	case reflect.Bool:
		return "b"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "i"
	case reflect.Float64:
		return "d"
	case reflect.Map:
		return "{" + typeOf(t.Elem()) + "}"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
		// A list with a name of its own is a message with one field in Protobuf; those of maps and fields alike.
		if t.Name() != "" && t.PkgPath() != "" {
			return "<" + typeOf(t.Elem()) + ">"
		}
		return "[" + typeOf(t.Elem()) + "]"
	case reflect.Struct:
		return nameOf(t)
	}
	panic("cannot describe " + t.String())
}
