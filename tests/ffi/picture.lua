-- SPDX-License-Identifier: MIT
-- LuaJIT reads pixazo.ffi.h and makes a picture with the offline provider: no wrapper, no callback.
local ffi = require("ffi")

local file = assert(io.open(os.getenv("PIXAZO_FFI_HEADER")))
ffi.cdef(file:read("*a"))
file:close()
ffi.cdef("char *mkdtemp(char *path);")
local C = ffi.load(os.getenv("PIXAZO_LIBRARY"))

local function text(pointer)
  return pointer ~= nil and ffi.string(pointer) or ""
end

local function check(status, failure)
  if status ~= C.PIXAZO_OK then
    error(text(C.pixazo_status_name(status)) .. ": " .. text(C.pixazo_error_message(failure[0])))
  end
end

local function remove_all(directory)
  os.execute("rm -rf '" .. directory .. "'")
end

local function make(directory)
  local failure = ffi.new("pixazo_error *[1]")
  local config = ffi.new("pixazo_config *[1]")
  check(C.pixazo_config_new(config, failure), failure)
  check(C.pixazo_config_set(config[0], "provider", "offline", failure), failure)
  local options = ffi.new("pixazo_studio_options")
  C.pixazo_studio_options_init(options, ffi.sizeof(options))
  options.config = config[0]
  local studio = ffi.new("pixazo_studio *[1]")
  check(C.pixazo_studio_open(directory, options, studio, failure), failure)
  C.pixazo_config_free(config[0])

  local request = ffi.new("pixazo_request *[1]")
  check(C.pixazo_request_new("a red fox", request, failure), failure)
  check(C.pixazo_request_set_int(request[0], "width", 96, failure), failure)
  check(C.pixazo_request_set_int(request[0], "height", 64, failure), failure)
  check(C.pixazo_request_set_int(request[0], "seed", 7, failure), failure)
  local record = ffi.new("pixazo_generation *[1]")
  check(C.pixazo_studio_generate(studio[0], request[0], nil, record, failure), failure)
  C.pixazo_request_free(request[0])

  assert(C.pixazo_generation_state(record[0]) == C.PIXAZO_GENERATION_DONE)
  assert(tonumber(C.pixazo_generation_image_count(record[0])) == 1)
  assert(C.pixazo_generation_image_width(record[0], 0) == 96)
  local picture = assert(io.open(text(C.pixazo_generation_image_path(record[0], 0)), "rb"))
  assert(picture:read(4) == "\137PNG")
  picture:close()
  print(text(C.pixazo_generation_uuid(record[0])), tonumber(C.pixazo_generation_image_bytes(record[0], 0)) .. " bytes")
  C.pixazo_generation_free(record[0])
  C.pixazo_studio_close(studio[0])
end

local name = (os.getenv("TMPDIR") or "/tmp") .. "/pixazo-lua-XXXXXX"
local buffer = ffi.new("char[?]", #name + 1, name)
assert(ffi.C.mkdtemp(buffer) ~= nil)
local directory = ffi.string(buffer)
local good, message = pcall(make, directory)
remove_all(directory)
if not good then
  io.stderr:write(tostring(message), "\n")
  os.exit(1)
end
