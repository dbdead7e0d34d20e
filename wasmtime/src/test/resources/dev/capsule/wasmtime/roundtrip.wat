;; A template: RoundTrip fills in what is between @ signs.
(component
  (type $raw @TYPE@)
  (import "test:values/host" (instance $h
    (alias outer 1 $raw (type $r))
    (export "t" (type $t (eq $r)))
    (export "f" (func (param "v" $t) (result $t)))))
  (alias export $h "t" (type $t))
  (alias export $h "f" (func $f))
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
        (then
          (drop (memory.grow (i32.add (i32.div_u (local.get 3) (i32.const 65536)) (i32.const 1))))))
      (local.get $at)))
  (core instance $l (instantiate $libc))
  (alias core export $l "memory" (core memory $mem))
  (alias core export $l "realloc" (core func $realloc))
  (core func $lowered (canon lower (func $f) (memory $mem) (realloc $realloc)))
  (core instance $hi (export "f" (func $lowered)))
  (core module $m
    (import "h" "f" (func $f (param @IMPORTED@) @RESULT@))
    (func (export "f") (param @PARAMS@) @LIFTED@ @BODY@))
  (core instance $i (instantiate $m (with "h" (instance $hi))))
  (func (export "f") (param "v" $t) (result $t)
    (canon lift (core func $i "f") (memory $mem) (realloc $realloc)))
)
