// Everyday Spanish words for a suggested password: short, common, kind, and without accents, so that any keyboard has them.
// Written for this project.
export const words = `
  abanico abedul abeja abeto abrigo abrir abuela abuelo acacia acampar aceite aceituna acelga acento activo actor
  actuar acuerdo afinar agitar agua aguacate aguja ahorrar ajedrez ajo alambre alba albahaca albornoz alcalde
  alcanzar alce alegre alfiler alfombra alga alicate almendra almendro almohada altavoz alto alumno amable
  amanecer amapola amarillo amiga amigo amistad amor amplio ancho ancla anclar andamio andar anguila anillo anotar
  antiguo antorcha anzuelo apagar apio aplaudir apodo aprender apunte arado arbusto arcilla arco arcoiris ardilla
  arena armar armario arpa arroyo arroz arte artesano artista asar asunto atar atento atlas atleta audaz aula
  aurora avanzar avellana avena aventura avestruz aviador avisar aviso avispa ayudar azada azucena azul azulejo
  bailar baile bajar bajo balada balanza balde ballena banco bandeja bandera barba barbero barca barco barrer
  barril barro bastidor bata batata batido batir beber billete bisagra bisonte bizcocho blanco blando bloque blusa
  boa bobina boca boda bolsa bolsillo bombero bombilla boniato bonito bordar borrar bosque botella bravo brazo
  breve brincar brisa brocha broche broma brotar bruma bucear buceo bueno buey bufanda buscar butaca caballo caber
  cabeza cable cacao cactus cadena cadera caja calabaza calamar caldera caldo calma calmado calmar calor cambiar
  camello caminar camino camisa camiseta campana campo canario canasta candado candil canela cangrejo canguro
  canica canoa cantante cantar canto capa capaz captar cara caracol caramelo carnaval carne caro carpeta carrera
  carreta carro carta cartel cartera cartero casa casar cascada casco castillo castor cauce causa cazuela cebada
  cebolla cebra cedro ceja celeste cena cenar centeno central cepillo cercano cereal cereza cerilla cerrar cerro
  cesta chaleco chaqueta charco charla charlar chef chimenea chiste churro ciclista cielo cierto ciervo cigarra
  cilantro cine cinta circo ciruela cirujano cisne ciudad claro clase clavel clavo clima club cobra cobre cocer
  coche cocinar cocinera coco codo cohete col colador colcha colega colgar coliflor colina collar columna columpio
  comer cometa comino compadre comprar confite contar contento copa copiar coral corbata corcho cordel cordero
  coro corona corredor correr cortar corteza cortina corzo cosa coser costa coyote crear crecer creer crema
  cristal croqueta crudo cruzar cuaderno cuadro cuatro cubo cubrir cuchara cuchillo cuello cuenco cuento cuerda
  cuervo cuesta cueva cuidador cuidar cultivar cultura cumbre cuna curar curioso curso dado dama danza decidir
  decir dedal dedo dejar dentista deporte derecho deseo desfile desierto destino detalle diario dibujar dibujo
  diente diez digno dirigir disco discreto doblar doble doce doctora domingo dorado dormir ducha duende dulce duna
  durar durazno eclipse editor eficaz elefante elegante elegir elfo embudo empanada empezar empujar enchufe encina
  endibia eneldo enigma enorme ensalada ensayo entero entrar enviar equipo erizo esbelto escala escalar escalera
  escarcha escena escoba escribir escritor escuadra escuchar escudo escuela escultor esfera esgrima espacio espada
  espalda espejo esperar espinaca esponja esquiar estanque estante estar estatua estepa estilo estofado estrado
  estrella estuche estufa etapa eterno evitar exacto examen falda famoso faro farol fecha feliz felpudo feria
  ferry fideo fiel fiesta figura fijar fijo filete final fino firmar firme flamenco flan flauta flexible flojo
  flor florero florista flotar foco follaje folleto forma formal formar frase frenar frente fresa fresco fruta
  fuego fuente fuerte fuerza funda futuro gacela gafas gaitero galaxia galleta gallo gamba ganadero ganar gancho
  ganso garaje garbanzo garza gato gaviota gelatina gemelo genial gentil gesto gigante gimnasia gimnasta girar
  girasol glaciar globo goma gorra gorro grabar grado granada grande granito granjero grapa grato grava grifo
  grillo gris grulla grupo gruta guante guarda guardar guayaba guepardo guiar guisante guiso guitarra gustar haba
  hablar hacer hada hamaca harina hebilla helado helecho hermano hermoso herrero hervir hiedra hielo hiena hierba
  hija hijo hilo hinojo historia hogar hogaza hoguera hoja hombro hondo honesto hora hormiga hornear horno hotel
  hucha huerta huerto hueso humano humilde humor idea idioma igual iguana imagen imaginar imprenta inmenso intenso
  inventor invierno invitado invitar isla islote jaguar jarabe jarra jaula jefa jengibre jilguero jinete jirafa
  jornada jota joven jovial joya joyero juego jueves juez jugador jugar juglar jugo juguete juicio junco jungla
  juntar justo kiwi koala labio ladera ladrar ladrillo lagarto lago laguna lana langosta lanzar laurel lava lavabo
  lavanda lavar lazo leal leche lechero lechuga lechuza lector lectura leer lema lengua lente lenteja lento
  leopardo letra letrero levantar leve leyenda libelula libertad libre librero libreta libro liebre lienzo ligero
  lila lima limpiar limpio lince lindo linterna lirio liso lista listo llama llamar llano llanura llave llavero
  llegar llenar lleno llevar llover lluvia lobo local lograr loma lombriz lona loro lucero lugar lujoso luna lunes
  lupa luz maceta madera maduro maestra maga mago maleta malta malva manglar mango manguera mano manso manta
  mantel manzana mapa mapache mar marcha marco marea margen marinero mariposa martes martillo masa mayo mayor
  mecedora medalla media medir mejilla mejor mejorar memoria menor mensaje menta mente mercado merienda merluza
  mes mesa meseta meta meteoro metro mezclar miel mijo mimo minero minuto mirar mirlo mirto misterio mito mochila
  moda moderno modesto modista molde molinero molino momento moneda monitor montar monte mora morado mosquito
  mostaza mostrar moto motor mover mueble muelle mundo muro museo musgo nacer nadador nadar naranja nariz narrar
  nata natilla nativo natural navegar neutro nevar nevera nido niebla nieve noble noche nogal nombre norte nota
  notar notario noticia novela nube nueve nuevo nuez nutria oasis oca ocaso ocho oeste oferta oficio ola olivo
  olla olmo once onda opinar oportuno orca orden ordenar oreja orilla oro orquesta oruga oso ostra ovalado oveja
  pacto paella pagar paisaje palabra paleta palmera paloma pan panadero panal panda pantalla pantano pantera papel
  papelera paquete paraguas pared parque partera partida pasar pasear paseo pasillo paso pasta pastel pasto pastor
  patata patinar patinete patio pato pausa pavo paz pecera pecho pedal pedir pedregal pegar peinar peine pelota
  pensar pera percha perdiz perejil perfecto perfume periodo perla perro persiana pesa pescado pescador pescar
  peso pestillo pez piano pie piedra piel pierna pila piloto pimienta pimiento pinar pincel pino pintar pintor
  pinza pipa pirata pisar piscina pista pistacho pizarra pizza placa plan plancha planear planeta plano planta
  plantar plata plato playa plaza pleno pluma podar poder poema poeta polea polen pollo polo pomelo pomo poner
  poni portal portar portero posar posible postal poste potaje potro pozo pradera prado preciso pregunta premio
  prenda primero primo princesa prisma probar profesor profundo promesa propio prudente pueblo puente puerro
  puerta puerto pulgar pulir pulpo pulsera puma punto puro puzle quedar querer queso quieto quince quiosco radio
  rama rana raqueta rascar rastro rato rayo real receta recibir reciclar recoger recreo recto red redondo refugio
  regadera regalo regar reina relato reloj relojero remanso remar remero remo reno reparar resorte respeto retama
  reto retrato revista revuelo rey ribera rico rima rimar risa risco ritmo roble robot robusto roca rodar rodear
  rodilla rodillo rojo romero ronda rosa rosado rosal rueda rumbo rural rutina saber sabio sabroso sacar saco saga
  sagaz sal salado salina salir salsa saltar salto saludar saludo sandalia sano sapo sardina sastre sauce secar
  seco seguir segundo seguro seis sello selva semana sembrar semilla sencillo sendero sentar sentir sereno
  serrucho servir seta sierra siesta siete siglo signo silbar silbato silencio silla sincero sobre socio soja sol
  soldado soleado soltar sombra sombrero sonar soneto sonido sonrisa sopa soplar sorpresa suave subir suerte sumar
  sur surcar surco surfista tabla taburete tacto tallar taller tallo tambor tango tapa tapar tapete tapir tapiz
  tarde tarea tarta taza teatro techo tecla tejado tejer tela tema templado tempo tenaz tenedor tener tenis tenor
  terminar ternero texto tiempo tierno tierra tigre tijera timbre tinta tipo toalla tobillo tocar toldo tomar
  tomate tomillo tono topacio topo tordo tormenta torneo tornillo toro torre tortilla tortuga tostada tostador
  trabajar tractor traer traje trapo trato trazar tren trepar tres triciclo trigo trineo triple trompeta trucha
  trueno trufa tubo tuerca tundra turista turno uniforme unir urbano urraca usar uva vainilla vajilla valer
  valiente valla valle valor vals vaquero variar vaso vasto vecina vecino vega vela velar velero veloz venado
  vencejo vendaval vender venir ventana verano verde verdura vereda verso vestido vestir viajar viaje viajero
  vibrar vida vidrio viento viernes viga villa vinagre violeta visita vital vitrina vivir vivo volante volar
  volver votar voz vuelo vuelta yate yegua yema yoga yogur yuca zafiro zapatero zapato zarpar zona zorro zumo
`;
