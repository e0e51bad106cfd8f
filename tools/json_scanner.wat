;; Finds where values end in JSON that is bytes: what rest/json_scanner.ts does in endOfValue, rule by rule, but with 16
;; bytes of a string looked at together. `deno task wasm` makes rest/wasm_scanner_code.ts of it.
;;
;; Memory: 0 to 255 what closes each value that is open; 256 to 268 the literals; from 512 on the bytes.
;; Functions return the position after what they are named for; -1 if the bytes end first; -2 if it is no JSON.
(module
  (memory (export "memory") 8)
  (data (i32.const 256) "truefalsenull")
  ;; 1: a string has a backslash; 2: one has bytes that are not ASCII.
  (global $flags (mut i32) (i32.const 0))

  (func $space (param $i i32) (param $end i32) (result i32)
    (local $b i32)
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $end)) (then
        (local.set $b (i32.load8_u (local.get $i)))
        (if (i32.or
              (i32.or (i32.eq (local.get $b) (i32.const 32)) (i32.eq (local.get $b) (i32.const 10)))
              (i32.or (i32.eq (local.get $b) (i32.const 13)) (i32.eq (local.get $b) (i32.const 9))))
          (then
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next))))))
    (local.get $i))

  ;; $i is at the quote.
  (func $string (param $i i32) (param $end i32) (result i32)
    (local $v v128) (local $special i32) (local $b i32) (local $last i32)
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (loop $next
      (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
      ;; Quotes, backslashes, and what is below a space: as signed numbers, all but ASCII is too.
      (local.set $v (v128.load align=1 (local.get $i)))
      (local.set $special (i8x16.bitmask (v128.or
        (v128.or
          (i8x16.eq (local.get $v) (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34))
          (i8x16.eq (local.get $v) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))
        (i8x16.lt_s (local.get $v) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))))
      (if (i32.eqz (local.get $special)) (then
        (local.set $i (i32.add (local.get $i) (i32.const 16)))
        (br $next)))
      (local.set $i (i32.add (local.get $i) (i32.ctz (local.get $special))))
      (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
      (local.set $b (i32.load8_u (local.get $i)))
      (if (i32.eq (local.get $b) (i32.const 34)) (then (return (i32.add (local.get $i) (i32.const 1)))))
      (if (i32.ge_u (local.get $b) (i32.const 128)) (then
        (global.set $flags (i32.or (global.get $flags) (i32.const 2)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      (if (i32.ne (local.get $b) (i32.const 92)) (then (return (i32.const -2))))
      (global.set $flags (i32.or (global.get $flags) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
      (local.set $b (i32.load8_u (local.get $i)))
      (if (i32.eq (local.get $b) (i32.const 117)) ;; u and four hexadecimal digits
        (then
          (local.set $last (i32.add (local.get $i) (i32.const 4)))
          (loop $hex
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
            (local.set $b (i32.load8_u (local.get $i)))
            (if (i32.eqz (i32.or
                  (i32.lt_u (i32.sub (local.get $b) (i32.const 48)) (i32.const 10))
                  (i32.lt_u (i32.sub (i32.or (local.get $b) (i32.const 32)) (i32.const 97)) (i32.const 6))))
              (then (return (i32.const -2))))
            (br_if $hex (i32.lt_u (local.get $i) (local.get $last)))))
        (else
          (block $escape
            (br_if $escape (i32.eq (local.get $b) (i32.const 34)))
            (br_if $escape (i32.eq (local.get $b) (i32.const 92)))
            (br_if $escape (i32.eq (local.get $b) (i32.const 47)))
            (br_if $escape (i32.eq (local.get $b) (i32.const 98)))
            (br_if $escape (i32.eq (local.get $b) (i32.const 102)))
            (br_if $escape (i32.eq (local.get $b) (i32.const 110)))
            (br_if $escape (i32.eq (local.get $b) (i32.const 114)))
            (br_if $escape (i32.eq (local.get $b) (i32.const 116)))
            (return (i32.const -2)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; At least one.
  (func $digits (param $i i32) (param $end i32) (result i32)
    (local $from i32)
    (local.set $from (local.get $i))
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $end)) (then
        (if (i32.lt_u (i32.sub (i32.load8_u (local.get $i)) (i32.const 48)) (i32.const 10)) (then
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))))
    (if (i32.gt_u (local.get $i) (local.get $from)) (then (return (local.get $i))))
    (select (i32.const -1) (i32.const -2) (i32.ge_u (local.get $i) (local.get $end))))

  ;; One that reaches the end counts as cut.
  (func $number (param $i i32) (param $end i32) (result i32)
    (if (i32.eq (i32.load8_u (local.get $i)) (i32.const 45)) (then
      (local.set $i (i32.add (local.get $i) (i32.const 1)))))
    (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
    (if (i32.eq (i32.load8_u (local.get $i)) (i32.const 48))
      (then (local.set $i (i32.add (local.get $i) (i32.const 1)))) ;; but a fraction or an exponent nothing may follow
      (else
        (local.set $i (call $digits (local.get $i) (local.get $end)))
        (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (local.get $i))))))
    (if (i32.lt_u (local.get $i) (local.get $end)) (then
      (if (i32.eq (i32.load8_u (local.get $i)) (i32.const 46)) (then
        (local.set $i (call $digits (i32.add (local.get $i) (i32.const 1)) (local.get $end)))
        (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (local.get $i))))))))
    (if (i32.lt_u (local.get $i) (local.get $end)) (then
      (if (i32.eq (i32.or (i32.load8_u (local.get $i)) (i32.const 32)) (i32.const 101)) (then
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (if (i32.lt_u (local.get $i) (local.get $end)) (then
          (if (i32.or
                (i32.eq (i32.load8_u (local.get $i)) (i32.const 43))
                (i32.eq (i32.load8_u (local.get $i)) (i32.const 45)))
            (then (local.set $i (i32.add (local.get $i) (i32.const 1)))))))
        (local.set $i (call $digits (local.get $i) (local.get $end)))
        (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (local.get $i))))))))
    (select (i32.const -1) (local.get $i) (i32.ge_u (local.get $i) (local.get $end))))

  (func $literal (param $i i32) (param $end i32) (param $text i32) (param $length i32) (result i32)
    (local $k i32)
    (loop $next
      (if (i32.lt_u (local.get $k) (local.get $length)) (then
        (if (i32.ge_u (i32.add (local.get $i) (local.get $k)) (local.get $end)) (then (return (i32.const -1))))
        (if (i32.ne
              (i32.load8_u (i32.add (local.get $i) (local.get $k)))
              (i32.load8_u (i32.add (local.get $text) (local.get $k))))
          (then (return (i32.const -2))))
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (br $next))))
    (i32.add (local.get $i) (local.get $length)))

  ;; A key and its colon.
  (func $key (param $i i32) (param $end i32) (result i32)
    (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
    (if (i32.ne (i32.load8_u (local.get $i)) (i32.const 34)) (then (return (i32.const -2))))
    (local.set $i (call $string (local.get $i) (local.get $end)))
    (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (local.get $i))))
    (if (i32.le_u (i32.load8_u (local.get $i)) (i32.const 32)) (then
      (local.set $i (call $space (local.get $i) (local.get $end)))))
    (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
    (if (i32.ne (i32.load8_u (local.get $i)) (i32.const 58)) (then (return (i32.const -2))))
    (i32.add (local.get $i) (i32.const 1)))

  (func $value (param $i i32) (param $end i32) (result i32)
    (local $depth i32) (local $b i32) (local $closes i32)
    (loop $value
      (if (i32.le_u (i32.load8_u (local.get $i)) (i32.const 32)) (then
        (local.set $i (call $space (local.get $i) (local.get $end)))))
      (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
      (local.set $b (i32.load8_u (local.get $i)))
      (block $ended
        (if (i32.eq (local.get $b) (i32.const 34)) (then
          (local.set $i (call $string (local.get $i) (local.get $end)))
          (br $ended)))
        (if (i32.or (i32.eq (local.get $b) (i32.const 123)) (i32.eq (local.get $b) (i32.const 91))) (then
          (local.set $closes (i32.add (local.get $b) (i32.const 2)))
          (local.set $i (call $space (i32.add (local.get $i) (i32.const 1)) (local.get $end)))
          (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
          (if (i32.eq (i32.load8_u (local.get $i)) (local.get $closes)) (then
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $ended)))
          (if (i32.eq (local.get $depth) (i32.const 256)) (then (return (i32.const -2))))
          (i32.store8 (local.get $depth) (local.get $closes))
          (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
          (br_if $value (i32.eq (local.get $b) (i32.const 91)))
          (local.set $i (call $key (local.get $i) (local.get $end)))
          (br_if $value (i32.ge_s (local.get $i) (i32.const 0)))
          (return (local.get $i))))
        (if (i32.eq (local.get $b) (i32.const 116)) (then
          (local.set $i (call $literal (local.get $i) (local.get $end) (i32.const 256) (i32.const 4)))
          (br $ended)))
        (if (i32.eq (local.get $b) (i32.const 102)) (then
          (local.set $i (call $literal (local.get $i) (local.get $end) (i32.const 260) (i32.const 5)))
          (br $ended)))
        (if (i32.eq (local.get $b) (i32.const 110)) (then
          (local.set $i (call $literal (local.get $i) (local.get $end) (i32.const 265) (i32.const 4)))
          (br $ended)))
        (local.set $i (call $number (local.get $i) (local.get $end))))
      (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (local.get $i))))
      ;; After a value: what it is within ends, or goes on.
      (loop $after
        (if (i32.eqz (local.get $depth)) (then (return (local.get $i))))
        (if (i32.le_u (i32.load8_u (local.get $i)) (i32.const 32)) (then
          (local.set $i (call $space (local.get $i) (local.get $end)))))
        (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const -1))))
        (local.set $b (i32.load8_u (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $closes (i32.load8_u (i32.sub (local.get $depth) (i32.const 1))))
        (if (i32.eq (local.get $b) (i32.const 44)) (then
          (br_if $value (i32.eq (local.get $closes) (i32.const 93)))
          (if (i32.le_u (i32.load8_u (local.get $i)) (i32.const 32)) (then
            (local.set $i (call $space (local.get $i) (local.get $end)))))
          (local.set $i (call $key (local.get $i) (local.get $end)))
          (br_if $value (i32.ge_s (local.get $i) (i32.const 0)))
          (return (local.get $i))))
        (if (i32.ne (local.get $b) (local.get $closes)) (then (return (i32.const -2))))
        (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
        (br $after)))
    (unreachable))

  ;; The end of the value at $i with the flags in the two lowest bits: one call for each value.
  (func (export "endOfValue") (param $i i32) (param $end i32) (result i32)
    (global.set $flags (i32.const 0))
    (local.set $i (call $value (local.get $i) (local.get $end)))
    (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (local.get $i))))
    (i32.or (i32.shl (local.get $i) (i32.const 2)) (global.get $flags)))
)
