/* SPDX-License-Identifier: MIT */
/* What an assistant is told of the tools. Schemas are written with ' for ". */
#include <string.h>

#include "mcp.h"

#define GENERATION_PARAMETERS                                                                                             \
  "'prompt':{'type':'string','minLength':1,'description':'What the picture shows. Concrete subjects, style, light and "   \
  "composition help.'},"                                                                                                  \
  "'negative_prompt':{'type':'string','description':'What the picture should not show.'},"                                \
  "'width':{'type':'integer','minimum':1,'maximum':65535,'description':'Width in pixels; multiples of 8, mostly 256 to "  \
  "2048. What a model cannot do is brought to the nearest it can, and the answer says so.'},"                             \
  "'height':{'type':'integer','minimum':1,'maximum':65535,'description':'Height in pixels, as width.'},"                  \
  "'num_steps':{'type':'integer','minimum':1,'maximum':1000,'description':'Steps of the diffusion; more is slower and "   \
  "finer, 20 is usual.'},"                                                                                                \
  "'guidance_scale':{'type':'number','minimum':0,'maximum':100,'description':'How closely the prompt is followed; 7 is "  \
  "usual.'},"                                                                                                             \
  "'seed':{'type':'integer','minimum':-1,'maximum':4294967295,'description':'The same seed and parameters give the same " \
  "picture again; -1 or absent: drawn at random and told in the answer.'},"                                               \
  "'model':{'type':'string','description':'A model like pixazo/sdxl or pixazo/flux-schnell; absent: the usual one.'},"    \
  "'count':{'type':'integer','minimum':1,'maximum':8,'description':'How many pictures, 1 when absent. Each may cost.'}"

#define EXPORT_PARAMETERS                                                                                                  \
  "'format':{'enum':['png','jpeg','webp'],'description':'File format of a converted copy. The original is always kept as " \
  "it came.'},"                                                                                                            \
  "'base':{'type':'string','description':'A picture of this store that goes below the new one: its id, its pixazo:// "     \
  "address or its path inside the store.'}"

#define COST                                                                                              \
  "{'type':'object','required':['micros','currency','confidence','text'],'properties':{"                  \
  "'micros':{'type':'integer','description':'Millionths of the currency.'},'currency':{'type':'string'}," \
  "'confidence':{'enum':['unknown','upper_bound','estimated','metered','billed']},'text':{'type':'string'}}}"

#define EXPORTED                                                                                                        \
  "{'type':'object','required':['key','uri','content_type','width','height','bytes'],'properties':{"                    \
  "'image':{'type':'string'},'key':{'type':'string'},'path':{'type':'string'},'uri':{'type':'string'},"                 \
  "'content_type':{'type':'string'},'width':{'type':'integer'},'height':{'type':'integer'},'bytes':{'type':'integer'}," \
  "'notes':{'type':'array','items':{'type':'string'}}}}"

#define RECORD                                                                                                              \
  "{'type':'object','required':['id','state','prompt','provider','model','images','cost','created'],'properties':{"         \
  "'id':{'type':'string','description':'Of the generation.'},"                                                              \
  "'state':{'enum':['planned','active','done','partial','failed','blocked','ambiguous','cancelled','abandoned','unknown']}" \
  ","                                                                                                                       \
  "'prompt':{'type':'string'},'provider':{'type':'string'},'model':{'type':'string'},"                                      \
  "'created':{'type':'string','description':'UTC.'},'message':{'type':'string'},"                                           \
  "'seed':{'type':['integer','null'],'description':'That was sent.'},"                                                      \
  "'parameters':{'type':['object','null'],'description':'That were sent.'},"                                                \
  "'asked':{'type':['object','null'],'description':'The arguments of the call, as they came.'},"                            \
  "'cost':" COST ","                                                                                                        \
  "'images':{'type':'array','items':{'type':'object','required':['id','state'],'properties':{"                              \
  "'id':{'type':'string'},'state':{'enum':['expected','recorded','quarantined','lost','unknown']},"                         \
  "'path':{'type':'string'},'uri':{'type':'string'},'remote_url':{'type':'string'},'reason':{'type':'string'},"             \
  "'content_type':{'type':'string'},'width':{'type':'integer'},'height':{'type':'integer'},'bytes':{'type':'integer'},"     \
  "'sha256':{'type':'string'}}}}}}"

#define OBJECT(required, properties) "{'type':'object','required':[" required "],'properties':{" properties "}}"
#define NOTE "'note':{'type':'string','description':'What a user should know, such as that these are test pictures.'}"
#define READS "{'readOnlyHint':true,'openWorldHint':false}"

static const tool tools[] = {
    {"pix_generate", "Make a picture",
     "Makes pictures from a prompt, keeps them as files and shows small copies. Fields that are not listed are kept with "
     "the record and never sent. Repeating a call that ran into a time-out waits for the same picture and is paid once; "
     "repeating an answered call makes another picture.",
     "{'type':'object','required':['prompt'],'properties':{" GENERATION_PARAMETERS "," EXPORT_PARAMETERS
     ",'dry_run':{'type':'boolean','description':'true: send nothing, tell what would be sent and what it may cost.'},"
     "'idempotency_key':{'type':'string','maxLength':200,'description':'A name of your own for this wish: the same name "
     "again "
     "gives the same picture, a new name another one.'}}}",
     OBJECT("", "'generation':" RECORD ",'repeated':{'type':'boolean','description':'true: made for an earlier equal call; "
                "nothing was paid for this one.'},'exports':{'type':'array','items':" EXPORTED "},"
                "'estimate':{'type':'object','description':'With dry_run.'}," NOTE),
     "{'readOnlyHint':false,'destructiveHint':false,'idempotentHint':false,'openWorldHint':true}", run_generate},
    {"hallo_pixazo", "Is it ready?", "Says whether pictures can be made, with which service, and what is wrong when not.",
     "{'type':'object','properties':{},'additionalProperties':false}",
     OBJECT("'ready','version'",
            "'ready':{'type':'boolean'},'version':{'type':'string'},'provider':{'type':'string'},"
            "'directory':{'type':'string'},'problems':{'type':'array','items':{'type':'string'}}," NOTE),
     READS, run_hallo},
    {"pix_history", "Earlier pictures", "Lists what was asked for, newest first, whole or searched by words of the prompt.",
     "{'type':'object','properties':{'text':{'type':'string','description':'Words of the prompt, all of them.'},"
     "'state':{'type':'string','description':'One or several with commas: done, partial, failed, blocked, ambiguous, "
     "cancelled, planned, active, lost.'},'limit':{'type':'integer','minimum':1,'maximum':100,'description':'20 when "
     "absent.'},"
     "'cursor':{'type':'string','description':'next_cursor of the page before.'}},'additionalProperties':false}",
     OBJECT("'generations'", "'generations':{'type':'array','items':" RECORD "},'next_cursor':{'type':'string'}"), READS,
     run_history},
    {"pix_get", "One picture",
     "Everything about one generation or picture, with a small copy; with full the original itself, which may be large.",
     "{'type':'object','required':['id'],'properties':{'id':{'type':'string','description':'Of a generation or a picture, "
     "or a pixazo:// address.'},'full':{'type':'boolean','description':'true: the original too, not only a small copy.'}},"
     "'additionalProperties':false}",
     OBJECT("'generation'", "'generation':" RECORD), READS, run_get},
    {"pix_export", "Convert a picture",
     "Makes a copy of a picture in another format or size, or on another picture, and stores it. Originals never change.",
     "{'type':'object','required':['id'],'properties':{'id':{'type':'string','description':'Of a picture, or of a "
     "generation for all of its pictures.'}," EXPORT_PARAMETERS
     ",'width':{'type':'integer','minimum':1,'maximum':16383,'description':'Pixels; with height alone the shape is kept.'},"
     "'height':{'type':'integer','minimum':1,'maximum':16383,'description':'Pixels.'},"
     "'fit':{'enum':['inside','cover','contain','fill'],'description':'How it fits width and height: inside (default), "
     "cover "
     "crops, contain pads, fill stretches.'},"
     "'quality':{'type':'integer','minimum':0,'maximum':100,'description':'Of JPEG and "
     "WebP.'}},'additionalProperties':false}",
     OBJECT("'exports'", "'exports':{'type':'array','items':" EXPORTED "}"),
     "{'readOnlyHint':false,'destructiveHint':false,'idempotentHint':true,'openWorldHint':false}", run_export},
    {"pix_estimate", "What would it cost?",
     "Tells what pix_generate would send with the same arguments, what would be changed, and what it may cost. Sends "
     "nothing.",
     "{'type':'object','required':['prompt'],'properties':{" GENERATION_PARAMETERS "}}",
     OBJECT("'estimate'", "'estimate':{'type':'object'}," NOTE), READS, run_estimate},
    {"pix_budget", "What is left?", "What this server has spent since it started, and what it may still spend.",
     "{'type':'object','properties':{},'additionalProperties':false}",
     OBJECT("'currency','spent_micros','images'",
            "'currency':{'type':'string'},'spent_micros':{'type':'integer'},'reserved_micros':{'type':'integer'},"
            "'budget_micros':{'type':'integer'},'left_micros':{'type':'integer'},'images':{'type':'integer'},"
            "'max_images':{'type':'integer'},'images_left':{'type':'integer'},'ledger':{'type':['array','null'],'items':{'"
            "type':'object'},"
            "'description':'All that was ever recorded in this project.'}"),
     READS, run_budget},
    {"pix_pending", "What is not finished?",
     "Lists what was interrupted, may have been paid without an answer, or lost its picture, and needs pix_resume or a "
     "decision.",
     "{'type':'object','properties':{},'additionalProperties':false}",
     OBJECT("'generations'", "'generations':{'type':'array','items':" RECORD "}"), READS, run_pending},
    {"pix_resume", "Finish what is paid",
     "Brings home what was paid for and interrupted. Sends no new request and pays nothing. With abandon: gives one "
     "generation "
     "up for good, so that pix_generate may be called with the same arguments again.",
     "{'type':'object','properties':{'abandon':{'type':'string','description':'Id of a generation of pix_pending to give "
     "up.'}},"
     "'additionalProperties':false}",
     OBJECT("",
            "'report':{'type':'object'},'abandoned':{'type':'string'},'generations':{'type':'array','items':" RECORD "}"),
     "{'readOnlyHint':false,'destructiveHint':true,'idempotentHint':true,'openWorldHint':true}", run_resume},
};

enum { TOOLS = sizeof tools / sizeof *tools };

const tool *tool_find(const char *name)
{
  for (size_t i = 0; i < TOOLS; i++) {
    if (strcmp(tools[i].name, name) == 0)
      return &tools[i];
  }
  return NULL;
}

void put_schema(draft *out, const char *name, const char *schema)
{
  put_name(out, name);
  for (; *schema; schema++)
    (void)fputc(*schema == '\'' ? '"' : *schema, out->stream);
}

void put_tools(draft *out)
{
  put_open(out, "tools", '[');
  for (size_t i = 0; i < TOOLS; i++) {
    put_open(out, NULL, '{');
    put_string(out, "name", tools[i].name);
    put_string(out, "title", tools[i].title);
    put_string(out, "description", tools[i].description);
    put_schema(out, "inputSchema", tools[i].input);
    put_schema(out, "outputSchema", tools[i].output);
    put_schema(out, "annotations", tools[i].hints);
    put_close(out, '}');
  }
  put_close(out, ']');
}
