// Everyday English words for a suggested password: short, common, kind, and typed on any keyboard. Written for this project.
export const words = `
  acorn actor add agile aim alphabet amazing amber ample anchor ancient ankle answer ant anthem anvil apple
  apricot apron arch archery arm armchair arrive artist ask aspen atlas attic author autumn avenue avocado awning
  azure bacon badge badger bag bagel bake baker balance balcony ball ballad balloon bamboo banana band banner
  barber bark barley barn barrel baseball basic basil basket bath battery bay beach beacon bead bean bear beard
  bed bee beetle begin bell belt bench bend berry bicycle big birch bird birthday biscuit bison blanket blender
  blink block bloom blossom blue board boat boatman boil bold bolt book boot borrow bottle bounce bow bowl bowling
  box bracelet brain branch brave bread breeze brick bridge brief bright bring brisk broad broccoli bronze brook
  broom broth brown brush bubble bucket buckle build builder bull bus bush busy butcher butter button buy cabbage
  cabin cable cactus cage cake calendar calf call calm camel camera camp canary candid candle candy canoe canvas
  canyon cap cape captain car caramel card careful cargo carnival carpet carrot carry cart carve cashew cast
  castle casual cat cave cedar ceiling celery cello cereal chain chair chalk chapter chase chat cheek cheer
  cheerful cheese cheetah chef cherry chess chest chestnut chew chicken chili chimney chin chips chisel chorus
  cider cinnamon circle circus civil clam clap clarinet classic clean clear clerk clever cliff climb clock cloth
  cloud clove clover coach coast coastal coat cobra cocoa coconut cod coffee coin collar collect comb comedy comet
  compass cone cook cookie cool coral cork corn corner cosmic cottage couch count cousin cow cowboy coyote cozy
  crab cradle craft crane crate crater crawl crayon cream creek crepe cricket crimson crisp cross crow crown
  crystal cub cube cucumber cumin cup curious curly curry curtain cushion custard cycle cycling daily dainty daisy
  dance dancer daring date dawn decade deep deer deliver delta dentist desert desk detail dew dial diary dice dig
  dill dine dip dish dive doctor dog doll dolphin donkey door double dough dove draw drawer dream dress drift
  drill drink drive driver drop drummer dry duck dune dusk eager eagle ear early earth easel east easy eat ebony
  echo eclipse editor eel eggplant elbow elegant elevator elk elm ember emu engine engineer enjoy enter envelope
  equator eraser even evening event exact explore eye fable fabric face factory fair falcon famous fan fancy
  farmer fast faucet fawn feather fence fencing fennel fern ferret ferry festive fetch fiction fiddle field fig
  fill finch find fine finger finish fir firm fish fisher fjord flag flame flannel flask flat float flour flower
  fluffy flute fly foal foam fog fold folder follow fond foot football forest forgive fork formal fossil fountain
  fox frame frank free fresh fridge friend frog frosty frozen full funnel funny fuzzy galaxy gallop garage garden
  gardener garlic gate gather gaze gazelle gear gecko gentle geyser giant gibbon giddy giggle ginger giraffe give
  glacier glad glade glass glide global globe glossy glove glow goat goblet gold golden golf gong good gopher gown
  grain grand granite granola grass grateful gravel gravy great green grove grow guard guava guess guest guide
  guitar gull hair ham hammer hammock hamster hand handle handy hanger happy hardy hare harp harvest hat hatch
  hawk hazel hazelnut head heart hearty heath hedge hedgehog heel helmet help helpful hen herb hero heron herring
  hidden hide high hike hiker hill hinge hip hippo hockey hold holiday hollow honest honey hood hook hoop hop
  horizon hornet horse hose host hotel hound hour house hum humble hunter hurry hut ibis ice iceberg icy idea
  ideal igloo iguana imagine impala improve indigo ink invent inventor invite iris iron island ivory ivy jacket
  jade jaguar jam janitor jar jasmine jay jeans jelly jester jigsaw jingle jockey jog join joke jolly journey
  joyful judge judo jug juggle juggler juice jump jungle juniper kale karate kayak keen kettle key keyboard kick
  kind king kingdom kite kitten kiwi knee knight knit knob know koala label lace ladder ladle lagoon lake lamb
  lamp language lantern laptop large lark latch late laugh launch laurel lava lavender lawn lawyer lazy leader
  leaf lean leap learn ledge leg legend lemon lemur lend lens lentil leopard lesson letter lettuce level lever
  library lichen lid lift light lilac lily lime line lion lip listen little lively lizard llama lobster local
  locker lodger long look loom lotus loud lovely loyal lucky lullaby lunch lynx lyric macaw magic magnet magpie
  mailbox main major make manatee mango map maple marathon marble march marmot marsh mask mat mattress mayor
  meadow measure mechanic medal meet mellow melody memory mend merchant mercury merry mighty mild milk miller
  miner mint minute mirror mist misty mitten mix mixer modern modest mole month moon moose mop morning moss mossy
  moth motor motto mountain mouse move mud muffin mug mulberry mule museum mushroom music mustard myth name napkin
  navy neat nebula necklace nectar needle nest net new news newt night nimble noble nod noisy noodle noon north
  northern nose note notebook notice novel number nurse nutmeg oak oar oasis oat oatmeal obey oboe ocean octopus
  offer olive onion opal open opera orange orbit orca orchard orchid order orderly oregano oriole osprey ostrich
  otter oval oven owl oyster pack paddle padlock page pail paint painter palace pale palm pan pancake panda panel
  panther papaya paper paprika parade parasol parcel parrot parsley party pasta pastry path patient pattern pause
  peach peacock peanut pear pearl peas pebble pecan pedal peel pelican pen pencil penguin pepper perfect pesto
  petal phrase piano pick pickle picnic picture pie pigeon pika pillow pilot pin pine pink pipe piranha pirate
  pitcher pizza plain plan planet plant plate plateau play player playful pleasant pliers plum plumber pocket poem
  poet point polar pole polish polite polo pond pony poodle popcorn poplar poppy porch porter possum poster pot
  potato potter pottery pouch pour prairie praise prawn pretzel prime prince princess printer prism promise proper
  proud pudding puffin pull pulley puma pump pumpkin pupil puppet puppy pure purple purse push puzzle quail quaint
  quartz queen question quick quiet quilt quince quiver quiz rabbit raccoon race radar radio radish rail rain
  rainbow raisin rake ramp ranger rapid rare raven reach read reader ready real recall red reed reef regal
  reindeer relax relish repair reply rest return rhino rhythm ribbon rice riddle ride rider ridge ring rinse ripe
  rise river road robe robin robot robust rock rocket roll roof rooster root rope rose rosemary round row rowing
  royal ruby rudder rug rugby rule ruler run runner running rural rustic saddle saffron sail sailing sailor salad
  salmon salsa salt sand sandal sandwich sandy sapphire sardine satchel sauce saucer savanna save scale scarf
  scarlet scatter scholar school scooter score scout screen sculptor sea seagull seal search season second secret
  seed send sentence serene serve sesame sew shade shady shake shape share shark sharp shed sheep shelf shell
  shepherd sherbet shine shiny ship shirt shoe shop shore short shoulder shovel show shower shrimp shy sign signal
  silent silky silly silver simple sing singer sip sit skate skater sketch skiing skip skipper skirt sky sled
  sleep sleepy sleet sleeve slide slipper sloth slow small smart smile smoke smooth snack snail sneeze snow snowy
  snug soap soccer social sock soda sofa soft softball soil solar soldier solid solve song sonnet sorbet sound
  soup south spaniel spare sparrow speak spell spicy spider spin spinach spindle splash sponge spool spoon sport
  spotted spread spring sprout spruce square squash squid squirrel stable stage stairs stamp stand stapler star
  starfish start statue stay steady steeple stem steppe stew still stir stitch stone stony stop stork storm story
  stove straw stream street stretch string striped strong student study sturdy sugar suitcase summer summit sun
  sundae sunny sunrise sunset super supper supple surfer surfing swallow swamp swan swap sweater sweep sweet swift
  swim swimmer swing switch symbol syrup table tablet tack taco tadpole tailor tale talk tall tame tan tango tangy
  tape tapir taste tea teach teacher teal teapot tempo tender tennis tent terrier thank theme thick thicket
  thimble think thistle thread throw thumb thunder thyme ticket tickle tide tidy tie tiger tile timber tiny tiptoe
  toad toast toaster today toe toffee tofu tomato tomorrow tool tooth topaz torch tortoise toss toucan touch towel
  tower toy tractor trade trail trailer train tranquil travel tray tree tripod trolley trombone trophy trout true
  truffle trumpet trunk try tub tulip tumble tuna tundra tune tunnel turbine turkey turnip turtle twig twin twirl
  umbrella uncle uniform unite upper urban usher usual vacuum valley van vanilla vase vast velvet verse vest
  viking village vine vinegar viola violet violin visit visitor vivid voice volcano waffle wagon wait waiter wake
  walk walker wallet walnut walrus waltz wander wardrobe warm wash watch water wave wavy wear weave weaver week
  weekend west whale wheat wheel whisper whistle wide wild willow win wind window windy wink winner winter wire
  wise witty wizard wolf wombat wood wooden woods wool woolly word work wrap wren wrench wrist write writer yacht
  yak yarn yawn year yellow yodel yoga yogurt young zebra zero zesty zigzag zipper zoom zucchini
`;
